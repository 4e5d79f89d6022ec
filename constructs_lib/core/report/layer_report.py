"""The data of a report: the distributions of a layer with their sizes, findings and changes."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from constructs_lib.core.argument_types import typed
from constructs_lib.core.aws_facts import UNZIPPED_LIMIT
from constructs_lib.core.metadata.dependency_graph import ROOT, dependency_graph
from constructs_lib.core.report.changes import Changes, compare_sboms
from constructs_lib.core.target import LAYER_PLACE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from constructs_lib.core.archive.writer import Archive, Member
    from constructs_lib.core.inspect.findings import Finding
    from constructs_lib.core.layer.artifact import ExcludedFiles, LayerArtifact
    from constructs_lib.core.target import Place


@dataclass(frozen=True)
class Row:
    """One distribution; in a tree without such information, one package."""

    name: str
    version: str
    """Empty if unknown."""
    members: tuple[Member, ...] = field(repr=False)
    requires: tuple[str, ...] = ()
    """The distributions of the layer that it needs, sorted."""

    @property
    def unzipped(self) -> int:
        """Bytes of the files."""
        return sum(member.size for member in self.members)

    @property
    def zipped(self) -> int:
        """Bytes in the archive, without headers."""
        return sum(member.compressed for member in self.members)

    @property
    def share(self) -> float:
        """Share of Lambda's unzipped limit for a function with all its layers."""
        return self.unzipped / UNZIPPED_LIMIT


class Lock(NamedTuple):
    """A lock file, as it was when the layer was built."""

    name: str
    """Without its folder."""
    sha256: str
    """Lower-case hex."""


@dataclass(frozen=True)
class LayerReport:
    """The report of one layer; `rows` are sorted by size, the largest first."""

    title: str
    """The project's name and version."""
    subtitle: str
    """The target, or the file's name."""
    archive: Archive = field(repr=False)
    """The zip that the report describes."""
    rows: tuple[Row, ...]
    """One for each distribution, the biggest first."""
    findings: tuple[Finding, ...] = ()
    """Warnings and notes of the build."""
    changes: Changes | None = None
    """The differences from another layer; None without one."""
    direct: tuple[str, ...] | None = None
    """The distributions that the project itself requires, sorted; None where that is not known."""
    lock: Lock | None = None
    """The lock file that the layer was built from; None where that is not known."""
    excluded: tuple[ExcludedFiles, ...] = ()
    """What `exclude_files` left out of each distribution that has such files, sorted by name."""
    place: Place = LAYER_PLACE
    """The kind of the archive, and the folder in it that paths are shown below."""

    def shown_path(self, member: Member) -> str:
        """Return the path that an import would take."""
        return member.name.removeprefix(self.place.root)

    @property
    def excluded_bytes(self) -> Mapping[str, int]:
        """The unzipped bytes that were left out, by distribution."""
        return {row.name: row.unzipped for row in self.excluded}

    @property
    def share(self) -> float:
        """Share of Lambda's unzipped limit for a function with all its layers."""
        return self.archive.unzipped / UNZIPPED_LIMIT


@typed
def report_layer(artifact: LayerArtifact, against: bytes | str | Path | None = None) -> LayerReport:
    """Report on a built layer; `against` is the `sbom.cdx.json` (bytes or file) of the layer to compare with."""
    subject = json.loads(artifact.sbom)["metadata"]["component"]
    requires = {distribution.name: distribution.metadata.requires for distribution in artifact.contents}
    graph = dependency_graph(artifact.project.requirements, requires, artifact.target)
    return LayerReport(
        " ".join(filter(None, [subject["name"], subject.get("version")])),
        str(artifact.target),
        artifact.archive,
        tuple(
            replace(row, requires=tuple(sorted(graph.get(row.name, ()))))
            for row in _rows(artifact.archive, artifact.place)
        ),
        (*artifact.warnings, *artifact.notes),
        None if against is None else compare_sboms(against, artifact.sbom),
        direct=tuple(sorted(graph[ROOT])),
        lock=Lock(artifact.manifest.name, hashlib.sha256(artifact.manifest.content).hexdigest()),
        excluded=artifact.excluded,
        place=artifact.place,
    )


@typed
def report_archive(archive: Archive, title: str = "layer", findings: Sequence[Finding] = ()) -> LayerReport:
    """Report on any archive, for example one of an installed tree."""
    return LayerReport(title, archive.path.name, archive, _rows(archive), tuple(findings))


def _rows(archive: Archive, place: Place = LAYER_PLACE) -> tuple[Row, ...]:
    groups: defaultdict[tuple[str, str], list[Member]] = defaultdict(list)
    for member in archive.members:
        groups[_owner(member, place.root)].append(member)
    rows = (Row(name, version, tuple(members)) for (name, version), members in groups.items())
    return tuple(sorted(rows, key=lambda row: (-row.unzipped, row.name)))


def _owner(member: Member, root: str) -> tuple[str, str]:
    """Return name and version of the wheel or distribution that a file comes from, else its package's name."""
    try:
        name, version, *_ = parse_wheel_filename(member.origin)
    except InvalidWheelFilename:
        owner, equals, version_text = member.origin.partition("==")
        if equals:
            return owner, version_text
        return member.name.removeprefix(root).partition("/")[0], ""
    return name, str(version)
