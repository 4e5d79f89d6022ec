"""Libraries that come with the extra `report`: imported when a report is rendered."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ReportError

if TYPE_CHECKING:
    from types import ModuleType


def import_extra(module: str) -> ModuleType:
    """Import a module of the extra `report`; a ReportError with the command that installs it if it is missing."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError:
        from constructs_lib.core.extras import install_command  # rarely needed

        library = module.partition(".")[0]
        raise ReportError(
            "extra-missing",
            f"the report needs {library}, which is not installed: {install_command('report')}",
        ) from None
