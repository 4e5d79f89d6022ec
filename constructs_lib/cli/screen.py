"""The output of a command: results on stdout, as a table or JSON; progress on stderr."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import click

from constructs_lib.cli.parsed import note_answer
from constructs_lib.cli.stdout import writing_stdout
from constructs_lib.core.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from rich.console import Console, RenderableType

    from constructs_lib.core.progress import Step
    from constructs_lib.core.report.changes import Changes
    from constructs_lib.core.store.wheel_store import WheelStore

SCHEMA = 1
"""The version of the JSON documents; it grows when a key is removed or gets another meaning."""
_WIDE = 10_000
"""Columns of a table that no terminal limits."""


@dataclass(frozen=True)
class LiveProgress(Progress):
    """Progress on a terminal: it shows the steps under way, those with a known size with a bar."""

    console: Console = field(kw_only=True)

    @contextmanager
    def _shown(self, step: Step) -> Iterator[None]:
        # 20 ms: only on a terminal.
        from constructs_lib.cli.live_steps import live_step

        with live_step(self.console, step):
            yield


@dataclass(frozen=True)
class Screen:
    """The output of one run, as its options ask for."""

    quiet: bool = False
    no_color: bool = False
    strict: bool = False
    """Warnings are failures."""
    store_folder: Path | None = None
    is_confirmed: bool = False
    """A deletion was agreed to by an option."""
    warnings: list[str] = field(default_factory=list)
    """The warnings of this run."""

    @property
    def progress(self) -> Progress:
        if self.quiet or not sys.stderr.isatty():
            return Progress(quiet=self.quiet)
        return LiveProgress(console=self._console(stderr=True))

    @property
    def store(self) -> WheelStore | None:
        """The store of `--store`; None for the user's own."""
        if self.store_folder is None:
            return None
        # The commands about AWS need none.
        from constructs_lib.core.store.wheel_store import WheelStore

        return WheelStore.at(self.store_folder)

    def note(self, text: str) -> None:
        """Write a note to stderr."""
        if not self.quiet:
            click.echo(f"note: {text}", err=True)

    def warn(self, text: str) -> None:
        """Write a warning to stderr."""
        self.warnings.append(text)
        click.echo(f"warning: {text}", err=True)

    def confirm(self, question: str) -> bool:
        """Return whether a deletion may happen; a person on a terminal is asked, a script has asked for it."""
        if self.is_confirmed or not is_terminal():
            return True
        # Not `click.confirm`, which before 8.2 writes a part of its prompt to stdout, where the result goes.
        click.echo(f"{question} [y/N]: ", err=True, nl=False)
        answer = ""
        try:
            answer = sys.stdin.readline()
        finally:
            if not answer.endswith("\n"):  # Ctrl-D and Ctrl-C leave the cursor behind the question
                click.echo(err=True)
        return answer.strip().lower() in {"y", "yes"}

    def show(
        self, document: Mapping[str, object], rendered: Callable[[], RenderableType], *, as_json: bool
    ) -> None:
        """Print the result, as JSON or as text; raise a StoreError where stdout cannot be written."""
        if as_json:
            write_json(document)
            if context := click.get_current_context(silent=True):
                note_answer(context)
            return
        result = rendered()
        with writing_stdout():
            if isinstance(result, str):
                click.echo(result)
            else:
                self._console().print(result, soft_wrap=True)

    @property
    def color(self) -> bool | None:
        """False without colors; None leaves it to the terminal."""
        return False if self.no_color or os.environ.get("NO_COLOR") else None

    def _console(self, *, stderr: bool = False) -> Console:
        # 70 ms, and JSON needs none.
        from rich.console import Console

        colors: Literal["auto"] | None = None if self.color is False else "auto"
        stream = sys.stderr if stderr else sys.stdout
        width = None if stream.isatty() else _WIDE
        return Console(stderr=stderr, color_system=colors, highlight=False, markup=False, width=width)


def is_terminal() -> bool:
    """Return whether a person can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def write_json(document: Mapping[str, object]) -> None:
    """Write a document to stdout, with the version of its schema; raise a StoreError where that fails."""
    with writing_stdout():
        click.echo(json.dumps({"schema": SCHEMA, **document}, indent=2))


def describe_changes(changes: Changes) -> list[dict[str, object]]:
    """Describe the differences of two layers as JSON."""
    return [
        {
            "name": change.name,
            "change": change.kind,
            "before": change.before or None,
            "after": change.after or None,
            "unzipped_bytes": change.unzipped,
            "other_wheel": change.other_wheel,
        }
        for change in changes.rows
    ]
