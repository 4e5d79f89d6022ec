"""The CycloneDX document of a built layer."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from constructs_lib.core.metadata.core_metadata import wheel_metadata
from constructs_lib.core.metadata.dependency_graph import direct_requirements
from constructs_lib.core.sbom.document import Part, Subject, render_sbom

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs_lib.core.archive.writer import Archive, Member
    from constructs_lib.core.lock.locked import LockOptions
    from constructs_lib.core.project.pyproject import Project
    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.target import Target
    from constructs_lib.core.wheels.wheel import Wheel


def layer_sbom(
    project: Project,
    options: LockOptions,
    target: Target,
    wheels: Sequence[Wheel],
    archive: Archive,
    store: WheelStore,
) -> bytes:
    """Render the CycloneDX document of the layer that was assembled from `wheels`."""
    members: defaultdict[str, list[Member]] = defaultdict(list)
    for member in archive.members:
        members[member.origin].append(member)
    parts = [_part(wheel, members[wheel.filename], store) for wheel in wheels]
    return render_sbom(_subject(project, options, target), parts)


def _subject(project: Project, options: LockOptions, target: Target) -> Subject:
    return Subject(
        project.name,
        project.version or "",
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
