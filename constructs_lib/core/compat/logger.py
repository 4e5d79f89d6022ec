"""Lines for a person, and where they go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

T_PRINTER = Callable[[str], object]
"""Takes one line; `print` is one."""


@dataclass(frozen=True)
class BaseLogger:
    """Says what is going on, if it is asked to."""

    verbose: bool = field(default=True, kw_only=True)
    printer: T_PRINTER = field(default=print, kw_only=True, repr=False, compare=False)

    def log(self, text: str) -> None:
        """Hand one line to the printer, or do nothing where `verbose` is off."""
        if self.verbose:
            self.printer(text)
