"""Lines for people who run a script: to the library's logger, and to a printer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from constructs_lib.core.log import log

T_PRINTER = Callable[[str], object]
"""A function that takes one line, such as `print`."""


@dataclass(frozen=True)
class BaseLogger:
    """The library's logger with a printer beside it.

    Each line goes to the logger `constructs_lib` at level INFO, which shows nothing until the application configures
    logging, and with `verbose` to the printer as well.
    """

    verbose: bool = True
    printer: T_PRINTER = field(default=print, repr=False, compare=False)

    def log(self, msg: str) -> None:
        """Log one line, and print it if `verbose` is set."""
        log.info("%s", msg)
        if self.verbose:
            self.printer(msg)

    def log_header(self, title: str) -> None:
        """Log the title of a step."""
        self.log(f"=== {title}")

    def log_sub_header(self, title: str) -> None:
        """Log the title of a part of a step."""
        self.log(f"--- {title}")

    def log_detail(self, msg: str) -> None:
        """Log a line that belongs to the title above it."""
        self.log(f"    {msg}")


@dataclass(frozen=True)
class KeywordLogger(BaseLogger):
    """A base of classes whose pages begin with other arguments: `verbose` and `printer` are keywords only."""

    verbose: bool = field(default=True, kw_only=True)
    printer: T_PRINTER = field(default=print, kw_only=True, repr=False, compare=False)
