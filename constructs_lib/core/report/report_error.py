"""What a report may lack."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ArtifactError

if TYPE_CHECKING:
    from types import ModuleType


class ReportError(ArtifactError):
    """A report cannot be made: a library is missing, or the SBOM to compare with is none."""


def optional(module: str) -> ModuleType:
    """Import what comes with the extra `report`; a ReportError says how to get it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError:
        name = module.partition(".")[0]
        msg = f"the report needs {name}, which is not installed: pip install 'constructs-lib[report]'"
        raise ReportError(msg) from None
