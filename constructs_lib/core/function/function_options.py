"""The choices about a function in one zip, as one value that the construct, the core and the command line share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.layer.layer_options import LayerOptions
from constructs_lib.core.source.source_options import SourceOptions

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class FunctionOptions(LayerOptions):
    """The choices about a function: those about its dependencies, as for a layer, and those about the project itself."""

    include: Sequence[str] | None = None
    """`.gitignore` patterns of the project's files to take; None is all."""
    exclude: Sequence[str] | None = None
    """Patterns of the project's files to leave out; they win over `include`."""

    @property
    def source(self) -> SourceOptions:
        """The choices about the project itself."""
        return SourceOptions(self.include, self.exclude, self.credentials)


FUNCTION_DEFAULTS = FunctionOptions()
