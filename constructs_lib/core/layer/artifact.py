"""A built layer, as a plain value."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from constructs_lib.core.target import LAYER_PLACE

if TYPE_CHECKING:
    from constructs_lib.core.archive.writer import Archive, Member
    from constructs_lib.core.inspect.findings import Finding
    from constructs_lib.core.lock.locked import Manifest
    from constructs_lib.core.metadata.core_metadata import WheelMetadata
    from constructs_lib.core.sbom.bundled import Bundled
    from constructs_lib.core.target import Place, Target


class Distribution(NamedTuple):
    """A distribution of a layer, without its files."""

    name: str
    """Normalized (PEP 503)."""
    version: str
    filename: str
    """Of its wheel: the origin of the archive's members."""
    sha256: str
    """Of its wheel as the index serves it; empty for one that was built here, which no index has."""
    metadata: WheelMetadata
    is_native: bool = False
    """True if it is for one kind of CPU: by its wheel's tag, or because all its extension modules are."""
    bundled: Bundled | None = None
    """The software inside its wheel that is not its own; None if there is no sign of any."""


class ExcludedFiles(NamedTuple):
    """The files of one distribution that `exclude_files` left out."""

    name: str
    """Of the distribution, normalized (PEP 503)."""
    files: int
    unzipped: int
    """Bytes."""


class ProjectSummary(NamedTuple):
    """The project whose dependencies a layer holds."""

    name: str
    version: str
    """Empty where `pyproject.toml` does not give it."""
    requirements: tuple[str, ...]
    """The project's own, with those of the chosen extras and groups (PEP 508)."""


@dataclass(frozen=True)
class LayerArtifact:
    """A built layer, with everything that publishing needs of it.

    It is plain data: it can be pickled, and `sbom` needs neither the zip nor the store.
    """

    place: ClassVar[Place] = LAYER_PLACE
    archive: Archive
    """The zip that was written."""
    manifest: Manifest
    """The lock file, as it was read."""
    fingerprint: str
    """Hex; a hash of the layer's inputs. Equal fingerprints mean the same layer."""
    target: Target
    """The Python version and architecture that the layer is for."""
    contents: tuple[Distribution, ...] = field(repr=False)
    """Sorted by name."""
    project: ProjectSummary = field(repr=False)
    """The project's name, version and requirements."""
    ignored: tuple[str, ...]
    """`name==version` of what the lock asks for and the ignore list leaves out."""
    warnings: tuple[Finding, ...]
    """Findings of level `warning`."""
    notes: tuple[Finding, ...]
    """Findings of level `note`."""
    excluded: tuple[ExcludedFiles, ...] = field(default=(), repr=False, kw_only=True)
    """What `exclude_files` left out of each distribution that has such files, sorted by name."""

    @property
    def distributions(self) -> tuple[str, ...]:
        """`name==version` of each distribution of the layer, sorted."""
        return tuple(f"{distribution.name}=={distribution.version}" for distribution in self.contents)

    @property
    def native(self) -> tuple[str, ...]:
        """The distributions that are for one kind of CPU, sorted."""
        return tuple(distribution.name for distribution in self.contents if distribution.is_native)

    @property
    def excluded_bytes(self) -> int:
        """The unzipped bytes that `exclude_files` left out."""
        return sum(row.unzipped for row in self.excluded)

    @cached_property
    def sbom(self) -> bytes:
        """A CycloneDX document (JSON) of the layer's contents, made when it is first asked for."""
        # 4 ms, and as much to make it: a build alone does not need it.
        from constructs_lib.core.sbom.bundled import NOTHING
        from constructs_lib.core.sbom.document import Part, Subject, render_sbom

        members: defaultdict[str, list[Member]] = defaultdict(list)
        for member in self.archive.members:
            members[member.origin].append(member)
        parts = [
            Part(
                distribution.name,
                distribution.version,
                distribution.sha256,
                distribution.metadata,
                unzipped=sum(member.size for member in members[distribution.filename]),
                zipped=sum(member.compressed for member in members[distribution.filename]),
                files=len(members[distribution.filename]),
                bundled=distribution.bundled or NOTHING,
            )
            for distribution in self.contents
        ]
        project = self.project
        return render_sbom(Subject(project.name, project.version, self.target, project.requirements), parts)

    @property
    def manifest_md5(self) -> str:
        """Hex; identifies the manifest's content for the consistency check before publishing."""
        return hashlib.md5(self.manifest.content, usedforsecurity=False).hexdigest()
