"""The library's log lines on stderr."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from constructs_lib.cli.wording import in_options
from constructs_lib.core.errors import printable
from constructs_lib.core.log import log

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Stderr(logging.Handler):
    """Writes each record as one printable line, whatever it quotes; a warning is marked as one, and collected."""

    def __init__(self, warnings: list[str]) -> None:
        super().__init__()
        self._warnings = warnings

    def emit(self, record: logging.LogRecord) -> None:
        text = in_options(printable(record.getMessage()))
        is_warning = record.levelno >= logging.WARNING
        if is_warning:
            self._warnings.append(text)
        click.echo(f"{'warning: ' if is_warning else ''}{text}", err=True)


@contextmanager
def log_to_stderr(*, quiet: bool, details: bool = False, warnings: list[str] | None = None) -> Iterator[None]:
    """Show log lines while a command runs: warnings alone if `quiet`, all with `details`, else from INFO on."""
    handler, level = _Stderr([] if warnings is None else warnings), log.level
    log.addHandler(handler)
    log.setLevel(logging.WARNING if quiet else logging.DEBUG if details else logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
