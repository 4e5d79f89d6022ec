"""What is going on, one line a step, on stderr: stdout belongs to whoever reads the result."""

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
    """A step under way; what it finds out may be added to its line."""

    text: str
    started: float = field(default_factory=time.perf_counter)

    def add(self, more: str) -> None:
        self.text = f"{self.text}, {more}"


@dataclass(frozen=True)
class Progress:
    """Writes each finished step with its time; `prefix` says whose steps they are."""

    prefix: str = ""
    stream: TextIO | None = None
    """None is the stderr of the moment a line is written."""
    quiet: bool = False

    @contextmanager
    def step(self, text: str) -> Iterator[Step]:
        """Time what happens inside; a step that fails is not announced, its error speaks."""
        step = Step(text)
        yield step
        self.say(f"{step.text}  {time.perf_counter() - step.started:.2f} s")

    def say(self, text: str) -> None:
        if not self.quiet:
            print(f"{self.prefix}{text}", file=self.stream or sys.stderr, flush=True)


QUIET = Progress(quiet=True)


def readable(size: int) -> str:
    """Bytes as people read them: `14.7 MB`, `2.1 kB`."""
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} kB"
