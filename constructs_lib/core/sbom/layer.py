"""A built layer → its document."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from constructs_lib.core.sbom.document import Part, Subject, render_sbom
from constructs_lib.core.sbom.metadata import wheel_metadata
from constructs_lib.core.sbom.requirements import direct_requirements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs_lib.core.archive import Archive, Member
    from constructs_lib.core.lock import LockOptions
    from constructs_lib.core.project import Project
    from constructs_lib.core.runtime import Target
    from constructs_lib.core.wheels import Wheel, WheelStore


def layer_sbom(
    project: Project,
    options: LockOptions,
    target: Target,
    wheels: Sequence[Wheel],
    archive: Archive,
    store: WheelStore,
) -> bytes:
    """The CycloneDX document of the layer that was assembled of `wheels`."""
    brought: defaultdict[str, list[Member]] = defaultdict(list)
    for member in archive.members:
        brought[member.origin].append(member)
    parts = [_part(wheel, brought[wheel.filename], store) for wheel in wheels]
    return render_sbom(_subject(project, options, target), parts)


def _subject(project: Project, options: LockOptions, target: Target) -> Subject:
    name, version = project.metadata.get("name"), project.metadata.get("version")
    return Subject(
        name if isinstance(name, str) else project.root.name,
        version if isinstance(version, str) else "",
        target,
        direct_requirements(project.pyproject, options),
    )


def _part(wheel: Wheel, members: Sequence[Member], store: WheelStore) -> Part:
    return Part(
        wheel.name,
        wheel.version,
        "" if wheel.built_here else wheel.sha256,
        wheel_metadata(wheel, store),
        unzipped=sum(member.size for member in members),
        zipped=sum(member.compressed for member in members),
        files=len(members),
    )
