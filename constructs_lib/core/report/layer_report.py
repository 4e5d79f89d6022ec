"""What a report says, before it is drawn."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from constructs_lib.core.aws_facts import UNZIPPED_LIMIT
from constructs_lib.core.report.changes import Changes, compare_sboms
from constructs_lib.core.report.report_error import ReportError
from constructs_lib.core.target import LAYER_ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from constructs_lib.core.archive.writer import Archive, Member
    from constructs_lib.core.inspect.findings import Finding
    from constructs_lib.core.layer.build_layer import LayerArtifact

__all__ = ["LayerReport", "ReportError", "Row", "report_archive", "report_layer"]


@dataclass(frozen=True)
class Row:
    """One distribution, or, where nobody says whose a file is, one package."""

    name: str
    version: str
    """Empty where it is not known."""
    members: tuple[Member, ...] = field(repr=False)

    @property
    def unzipped(self) -> int:
        return sum(member.size for member in self.members)

    @property
    def zipped(self) -> int:
        """Bytes in the archive, without headers."""
        return sum(member.compressed for member in self.members)

    @property
    def share(self) -> float:
        """Of what Lambda takes unzipped, for a function and all its layers."""
        return self.unzipped / UNZIPPED_LIMIT


@dataclass(frozen=True)
class LayerReport:
    """What fills a layer. `rows` are sorted, the biggest first."""

    title: str
    subtitle: str
    archive: Archive = field(repr=False)
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...] = ()
    changes: Changes | None = None

    @property
    def share(self) -> float:
        """Of what Lambda takes unzipped."""
        return self.archive.unzipped / UNZIPPED_LIMIT


def report_layer(artifact: LayerArtifact, against: bytes | str | Path | None = None) -> LayerReport:
    """The report of a built layer; `against` is the `sbom.cdx.json` (bytes or file) of the layer to compare with."""
    subject = json.loads(artifact.sbom)["metadata"]["component"]
    return LayerReport(
        " ".join(filter(None, [subject["name"], subject.get("version")])),
        str(artifact.target),
        artifact.archive,
        _rows(artifact.archive),
        (*artifact.warnings, *artifact.notes),
        None if against is None else compare_sboms(against, artifact.sbom),
    )


def report_archive(archive: Archive, title: str = "layer", findings: Sequence[Finding] = ()) -> LayerReport:
    """The report of any archive, one of the tree route for instance."""
    return LayerReport(title, archive.path.name, archive, _rows(archive), tuple(findings))


def _rows(archive: Archive) -> tuple[Row, ...]:
    groups: defaultdict[tuple[str, str], list[Member]] = defaultdict(list)
    for member in archive.members:
        groups[_owner(member)].append(member)
    rows = (Row(name, version, tuple(members)) for (name, version), members in groups.items())
    return tuple(sorted(rows, key=lambda row: (-row.unzipped, row.name)))


def _owner(member: Member) -> tuple[str, str]:
    """Name and version of who brings a file: a wheel, a distribution, or else the package it lies in."""
    try:
        name, version, *_ = parse_wheel_filename(member.origin)
    except InvalidWheelFilename:
        owner, equals, known = member.origin.partition("==")
        return (owner, known) if equals else (member.name.removeprefix(LAYER_ROOT).partition("/")[0], "")
    return name, str(version)
