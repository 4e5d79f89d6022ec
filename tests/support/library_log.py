"""The library's logger in tests: its lines as a list, and its state as it was."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from constructs_lib.core.log import log

if TYPE_CHECKING:
    from collections.abc import Iterator


class LineHandler(logging.Handler):
    """Appends each line's text to a list."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(record.getMessage())


@contextmanager
def unchanged_log() -> Iterator[None]:
    """Give the logger back its handlers, level and propagation at the end: a command or Lambda's entry point sets them."""
    handlers, level, propagate = list(log.handlers), log.level, log.propagate
    try:
        yield
    finally:
        log.handlers[:] = handlers
        log.setLevel(level)
        log.propagate = propagate


@contextmanager
def logged_lines() -> Iterator[list[str]]:
    """Yield the lines that are logged inside the block, the plain ones as well as warnings."""
    lines: list[str] = []
    with unchanged_log():
        log.addHandler(LineHandler(lines))
        log.setLevel(logging.INFO)
        yield lines
