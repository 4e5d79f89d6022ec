"""Lines for people who run a script: to the library's logger, and to a printer."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from constructs_lib.core.log import log

if TYPE_CHECKING:
    from collections.abc import Iterator

T_PRINTER = Callable[[str], object]
"""A function that takes one line, such as `print`."""
_PRINTED = "constructs_lib_printed"


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
        # The attribute keeps `printed_lines` from printing the line a second time.
        log.info("%s", msg, extra={_PRINTED: True})
        self._print(msg)

    def _print(self, line: str) -> None:
        if self.verbose:
            self.printer(line)

    def log_header(self, title: str) -> None:
        """Log the title of a step."""
        self.log(f"=== {title}")

    def log_sub_header(self, title: str) -> None:
        """Log the title of a part of a step."""
        self.log(f"--- {title}")

    def log_detail(self, msg: str) -> None:
        """Log a line that belongs to the title above it."""
        self.log(f"    {msg}")

    @contextmanager
    def printed_lines(self) -> Iterator[None]:
        """Print the library's log lines of this thread inside the block, as `log` prints its own."""
        handler, level, propagate = _PrintedLines(self), log.level, log.propagate
        log.addHandler(handler)
        log.setLevel(min(logging.INFO, log.getEffectiveLevel()))
        # The level is lower now: `handler` passes on to the application's handlers only what they got before.
        log.propagate = False
        try:
            yield
        finally:
            log.removeHandler(handler)
            log.setLevel(level)
            log.propagate = propagate


@dataclass(frozen=True)
class KeywordLogger(BaseLogger):
    """A base of classes whose pages begin with other arguments: `verbose` and `printer` are keywords only."""

    verbose: bool = field(default=True, kw_only=True)
    printer: T_PRINTER = field(default=print, kw_only=True, repr=False, compare=False)


class _PrintedLines(logging.Handler):
    """A handler that prints lines, and passes on to the application's handlers those above their level."""

    def __init__(self, logger: BaseLogger) -> None:
        super().__init__()
        self._logger = logger
        self._thread = threading.get_ident()
        self._least = log.getEffectiveLevel() if log.propagate else logging.CRITICAL + 1

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread and not hasattr(record, _PRINTED):
            self._logger._print(record.getMessage())  # noqa: SLF001 - the same module
        if record.levelno >= self._least and log.parent is not None and log.parent.hasHandlers():
            log.parent.callHandlers(record)
