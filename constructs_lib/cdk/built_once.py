"""The artifacts that an app has built: one that is asked for again is not built again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from constructs import Construct

from constructs_lib.cdk.answers import child_of, root_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from constructs_lib.core.layer.artifact import LayerArtifact
    from constructs_lib.core.layer.layer_options import LayerOptions
    from constructs_lib.core.progress import Progress
    from constructs_lib.core.target import Target

Artifact = TypeVar("Artifact", bound="LayerArtifact")


class Request(NamedTuple):
    """The choices of an artifact; its kind is that of the options."""

    entry: Path
    """Absolute."""
    target: Target
    options: LayerOptions


class BuiltOnce(Construct):
    """The artifacts of an app; it adds nothing to a template.

    A project is not edited while one app is made of it, so equal requests have one answer.
    """

    ID = "ConstructsLibBuilt"

    @classmethod
    def of(cls, scope: Construct) -> BuiltOnce:
        """Return those of the scope's app; the first call makes them."""
        root = root_of(scope)
        return cast("BuiltOnce | None", child_of(root, cls.ID)) or cls(root)

    def __init__(self, root: Construct) -> None:
        super().__init__(root, self.ID)
        self._rows: list[tuple[Request, LayerArtifact, str]] = []

    def build(self, request: Request, build: Callable[[Progress], Artifact], progress: Progress) -> Artifact:
        """Return the artifact of an equal request, whose zip is a staged one; else `build` it."""
        for built, artifact, place in self._rows:
            if built == request:
                with progress.step(f"the same as {place}", f"taking the zip of {place}"):
                    return cast("Artifact", artifact)
        return build(progress)

    def keep(self, request: Request, artifact: LayerArtifact, path: Path, place: str) -> None:
        """Remember what was built for the construct `place`, and where its zip was staged."""
        if artifact.archive.path == path:
            return
        staged = replace(artifact, archive=replace(artifact.archive, path=path))
        vars(staged)["sbom"] = artifact.sbom  # 4 ms, made once
        self._rows.append((request, staged, place))
