"""The library's log lines on stderr."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from constructs_lib.cli.wording import in_options
from constructs_lib.core.errors import printable
from constructs_lib.core.log import log
from constructs_lib.core.system.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Stderr(logging.Handler):
    """Writes each record as one printable line, whatever it quotes; a warning is marked as one, and collected.

    Details are what a program wrote: they keep their lines.
    """

    def __init__(self, warnings: list[str]) -> None:
        super().__init__()
        self._warnings = warnings

    def emit(self, record: logging.LogRecord) -> None:
        message = redact(record.getMessage())
        if record.levelno < logging.INFO:
            for line in message.splitlines():
                click.echo(printable(line), err=True)
            return
        text = in_options(printable(message))
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
