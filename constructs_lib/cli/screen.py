"""What a command shows: results on stdout, as a table or JSON; what is going on, on stderr."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import click
from rich.console import Console

from constructs_lib.core.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rich.console import RenderableType

    from constructs_lib.core.progress import Step
    from constructs_lib.core.report.changes import Changes


@dataclass(frozen=True)
class LiveProgress(Progress):
    """On a terminal, also says which step is under way."""

    console: Console = field(kw_only=True)

    @contextmanager
    def step(self, text: str) -> Iterator[Step]:
        with self.console.status(text), super().step(text) as step:
            yield step


@dataclass(frozen=True)
class Screen:
    """How the person wants to be shown things."""

    quiet: bool
    no_color: bool

    @property
    def progress(self) -> Progress:
        if self.quiet or not sys.stderr.isatty():
            return Progress(quiet=self.quiet)
        return LiveProgress(console=self._console(stderr=True))

    def show(
        self, document: Mapping[str, object], rendered: Callable[[], RenderableType], *, as_json: bool
    ) -> None:
        """The result, for a machine or for a person."""
        result = json.dumps(document, indent=2) if as_json else rendered()
        if isinstance(result, str):
            click.echo(result)
        else:
            self._console().print(result, soft_wrap=True)

    @property
    def colour(self) -> bool | None:
        """False where none is wanted, else as the terminal likes it."""
        return False if self.no_color or os.environ.get("NO_COLOR") else None

    def _console(self, *, stderr: bool = False) -> Console:
        colours: Literal["auto"] | None = None if self.colour is False else "auto"
        return Console(stderr=stderr, color_system=colours, highlight=False, markup=False)


def describe_changes(changes: Changes) -> list[dict[str, object]]:
    """What differs between two layers, for a machine."""
    return [
        {
            "name": each.name,
            "change": each.kind,
            "before": each.before or None,
            "after": each.after or None,
            "unzipped_bytes": each.unzipped,
            "other_wheel": each.other_wheel,
        }
        for each in changes.rows
    ]
