"""The CycloneDX document of a built layer."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from constructs_lib.core.sbom.document import Part, Subject, render_sbom

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs_lib.core.archive.writer import Member
    from constructs_lib.core.layer.artifact import Distribution, LayerArtifact


def describe_layer(layer: LayerArtifact) -> bytes:
    """Return the layer's document: the project, and a component for each distribution."""
    members: defaultdict[str, list[Member]] = defaultdict(list)
    for member in layer.archive.members:
        members[member.origin].append(member)
    project = layer.project
    subject = Subject(project.name, project.version, layer.target, project.requirements)
    parts = [_part(distribution, members[distribution.filename]) for distribution in layer.contents]
    return render_sbom(subject, parts)


def _part(distribution: Distribution, members: Sequence[Member]) -> Part:
    return Part(
        distribution.name,
        distribution.version,
        distribution.sha256,
        distribution.metadata,
        unzipped=sum(member.size for member in members),
        zipped=sum(member.compressed for member in members),
        files=len(members),
    )
