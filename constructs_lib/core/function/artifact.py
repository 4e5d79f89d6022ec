"""A built function, as a plain value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from constructs_lib.core.layer.artifact import LayerArtifact
from constructs_lib.core.target import FUNCTION_PLACE

if TYPE_CHECKING:
    from constructs_lib.core.target import Place


@dataclass(frozen=True)
class FunctionArtifact(LayerArtifact):
    """A built function: what a layer has, and the project's version.

    `archive` holds the project too; `contents`, `distributions` and the components of `sbom` are its dependencies, and
    `project`, the SBOM's subject, is the project.
    """

    place: ClassVar[Place] = FUNCTION_PLACE
    version: str
    """The project's version, a dynamic one included."""
