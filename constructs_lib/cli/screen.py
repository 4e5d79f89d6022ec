"""The output of a command: results on stdout, as a table or JSON; progress on stderr."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
from rich.console import Console

from constructs_lib.core.errors import StoreError
from constructs_lib.core.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rich.console import RenderableType

    from constructs_lib.core.progress import Step
    from constructs_lib.core.report.changes import Changes


@contextmanager
def writing_stdout() -> Iterator[None]:
    """Turn a failure to write stdout into a StoreError; a reader that went away is none."""
    if sys.stdout is None:  # Python's sign for a closed one
        raise _unwritable("it is closed")
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        # What is left in the buffer would fail once more when Python ends, with a traceback.
        with suppress(OSError), Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        raise _unwritable(error.strerror or str(error)) from None


def _unwritable(reason: str) -> StoreError:
    return StoreError(
        "output-unwritable",
        f"stdout cannot be written: {reason}; redirect it to a file on a disk with room, or to {os.devnull}",
    )


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
        """Print the result, as JSON or as text; raise a StoreError where stdout cannot be written."""
        result = json.dumps(document, indent=2) if as_json else rendered()
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
        colors: Literal["auto"] | None = None if self.color is False else "auto"
        return Console(stderr=stderr, color_system=colors, highlight=False, markup=False)


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
