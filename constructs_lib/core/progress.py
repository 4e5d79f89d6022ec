"""Progress: timed steps on stderr. Plain lines go to `core.log`."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Step:
    """A step under way."""

    text: str
    started: float = field(default_factory=time.perf_counter)

    def add(self, more: str) -> None:
        """Add a result to the step's line."""
        self.text = f"{self.text}, {more}"

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave the block, a step of its own, out of this step's time."""
        began = time.perf_counter()
        yield
        self.started += time.perf_counter() - began


@dataclass(frozen=True)
class Progress:
    """Timed steps, one line each when they end; `prefix` names the artifact that they belong to."""

    prefix: str = ""
    """Text at the beginning of each line."""
    stream: TextIO | None = None
    """None is the process's stderr when a line is written."""
    quiet: bool = False
    """True writes nothing."""

    @contextmanager
    def step(self, text: str) -> Iterator[Step]:
        """Time the block and print its line; a step that fails prints none, because its error is shown."""
        step = Step(text)
        yield step
        if not self.quiet:
            line = f"{self.prefix}{step.text}  {time.perf_counter() - step.started:.2f} s"
            print(line, file=self.stream or sys.stderr, flush=True)


QUIET = Progress(quiet=True)


def readable(size: int) -> str:
    """Format a number of bytes: `14.7 MB`, `2.1 kB`."""
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} kB"
