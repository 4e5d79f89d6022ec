"""Lines for a person, and where they go."""

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

    @contextmanager
    def printed_lines(self) -> Iterator[None]:
        """Print the library's log lines of this thread while the block runs, instead of leaving them to `logging`."""
        handler, level, propagate = _PrintedLines(self), log.level, log.propagate
        log.addHandler(handler)
        log.setLevel(min(logging.INFO, log.getEffectiveLevel()))
        # The level is lower now: the application's handlers get what they got before, from `handler`.
        log.propagate = False
        try:
            yield
        finally:
            log.removeHandler(handler)
            log.setLevel(level)
            log.propagate = propagate


class _PrintedLines(logging.Handler):
    """Hands lines to the printer, and to the application's own handlers those that it asked for."""

    def __init__(self, logger: BaseLogger) -> None:
        super().__init__()
        self._logger = logger
        self._thread = threading.get_ident()
        self._asked_for = log.getEffectiveLevel() if log.propagate else logging.CRITICAL + 1

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self._logger.log(record.getMessage())
        if record.levelno >= self._asked_for and log.parent is not None and log.parent.hasHandlers():
            log.parent.callHandlers(record)
