"""The runner of click's commands, with stdout and stderr apart in each release of click that is allowed."""

from __future__ import annotations

import inspect
from typing import Any

from click.testing import CliRunner as _CliRunner

MIXED_BY_DEFAULT = "mix_stderr" in inspect.signature(_CliRunner).parameters
"""True before click 8.2, which has no such switch and never mixes."""


class CliRunner(_CliRunner):
    """A runner whose results have a `stderr` of their own."""

    def __init__(self) -> None:
        options: dict[str, Any] = {"mix_stderr": False} if MIXED_BY_DEFAULT else {}
        super().__init__(**options)
