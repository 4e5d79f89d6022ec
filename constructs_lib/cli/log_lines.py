"""The library's log lines on stderr."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import click

from constructs_lib.cli.wording import in_options
from constructs_lib.core.errors import printable
from constructs_lib.core.log import TRACE, log
from constructs_lib.core.system.secrets import redact, secrets_of

if TYPE_CHECKING:
    from collections.abc import Iterator


_LEVELS = (logging.INFO, logging.DEBUG, TRACE)
"""Without `-v`, with it, and with `-vv`."""


class _Stderr(logging.Handler):
    """Writes each record as one printable line, whatever it quotes; a warning is marked as one, and collected.

    Details may be what a program wrote: they keep their lines, without the passwords of this process's environment.
    """

    def __init__(self, warnings: list[str]) -> None:
        super().__init__()
        self._warnings = warnings

    @cached_property
    def _secrets(self) -> set[str]:
        return secrets_of(os.environ)

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno < logging.INFO:
            for line in redact(record.getMessage(), self._secrets).splitlines():
                click.echo(printable(line), err=True)
            return
        text = in_options(printable(redact(record.getMessage())))
        is_warning = record.levelno >= logging.WARNING
        if is_warning:
            self._warnings.append(text)
        click.echo(f"{'warning: ' if is_warning else ''}{text}", err=True)


@contextmanager
def log_to_stderr(*, quiet: bool, verbosity: int = 0, warnings: list[str] | None = None) -> Iterator[None]:
    """Show log lines while a command runs: warnings alone if `quiet`, else more with each `verbosity`, from INFO on."""
    handler, level = _Stderr([] if warnings is None else warnings), log.level
    log.addHandler(handler)
    log.setLevel(logging.WARNING if quiet else _LEVELS[min(verbosity, len(_LEVELS) - 1)])
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
