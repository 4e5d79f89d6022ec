"""The library's log lines on stderr."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from constructs_lib.core.errors import printable
from constructs_lib.core.log import log

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Stderr(logging.Handler):
    """Writes each record as one printable line, whatever it quotes; a warning is marked as one."""

    def emit(self, record: logging.LogRecord) -> None:
        mark = "warning: " if record.levelno >= logging.WARNING else ""
        click.echo(f"{mark}{printable(record.getMessage())}", err=True)


@contextmanager
def log_to_stderr(*, quiet: bool) -> Iterator[None]:
    """Show log lines while a command runs: warnings alone if `quiet`, else from INFO on."""
    handler, level = _Stderr(), log.level
    log.addHandler(handler)
    log.setLevel(logging.WARNING if quiet else logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
