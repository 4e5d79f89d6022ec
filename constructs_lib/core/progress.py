"""Progress: timed steps on stderr. Plain lines go to `core.log`."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 2.0
"""Seconds after which a step that is still under way is announced."""
INTERVAL = 10.0
"""Seconds between the lines about a step that lasts."""
_POLL = 0.2


class Step:
    """A step under way."""

    def __init__(self, done: str, doing: str, total: int = 0) -> None:
        self.done = done
        """Its line when it has ended."""
        self.doing = doing
        """The words for it until then."""
        self.total = total
        """Bytes to come; 0 where that is unknown."""
        self.started = time.perf_counter()
        self.received = 0
        """Bytes so far."""

    def add(self, more: str) -> None:
        """Add a result to the step's line."""
        self.done = f"{self.done}, {more}"

    def advance(self, size: int) -> None:
        """Count bytes that came; threads may call it."""
        # Not exact between threads, which would take a lock for each piece: it is for a person to look at.
        self.received += size

    @property
    def state(self) -> str:
        """The words for the step with the bytes so far."""
        if not self.received:
            return f"{self.doing}, {readable(self.total)}" if self.total else self.doing
        amount = readable(min(self.received, self.total or self.received))
        return f"{self.doing}, {amount}" + (f" of {readable(self.total)}" if self.total else "")

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave the block, a step of its own, out of this step's time."""
        began = time.perf_counter()
        yield
        self.started += time.perf_counter() - began


@dataclass(frozen=True)
class Progress:
    """Timed steps, one line each when they end, and lines about one that lasts; `prefix` names the artifact."""

    prefix: str = ""
    """Text at the beginning of each line."""
    stream: TextIO | None = None
    """None is the process's stderr when a line is written."""
    quiet: bool = False
    """True writes nothing."""

    @contextmanager
    def step(self, done: str, doing: str, total: int = 0) -> Iterator[Step]:
        """Time the block and print its line; a step that fails prints none, because its error is shown."""
        step = Step(done, doing, total)
        if self.quiet:
            yield step
            return
        with self._shown(step):
            yield step
        self._print(f"{step.done}  {time.perf_counter() - step.started:.2f} s")

    @contextmanager
    def _shown(self, step: Step) -> Iterator[None]:
        """Announce the step if the block lasts, and tell again and again how far it is."""
        with _WATCH.over(step, lambda: self._print(f"{step.state} …")):
            yield

    def _print(self, line: str) -> None:
        print(f"{self.prefix}{line}", file=self.stream or sys.stderr, flush=True)


QUIET = Progress(quiet=True)


class _Row:
    """A step under way: what tells how far it is, and when that is due."""

    def __init__(self, announce: Callable[[], None], due: float) -> None:
        self.announce = announce
        self.due = due


class _Watch:
    """The steps under way, and one thread for all of them, which ends when there are none.

    To start a thread for each step would take longer than most of them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: list[_Row] = []
        self._is_running = False

    @contextmanager
    def over(self, step: Step, announce: Callable[[], None]) -> Iterator[None]:
        """Call `announce` after `PATIENCE`, and every `INTERVAL` from then on, while the block lasts."""
        row = _Row(announce, step.started + PATIENCE)
        with self._lock:
            self._rows.append(row)
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._run, name="progress", daemon=True).start()
        try:
            yield
        finally:
            with self._lock:
                self._rows.remove(row)

    def _run(self) -> None:
        while True:
            time.sleep(_POLL)
            with self._lock:
                if not self._rows:
                    self._is_running = False
                    return
                now = time.perf_counter()
                for row in self._rows:
                    if now >= row.due:
                        row.due = now + INTERVAL
                        with suppress(OSError, ValueError):  # a stderr that is closed, or is no longer read
                            row.announce()


_WATCH = _Watch()


def counted(number: int, noun: str) -> str:
    """Format a number of things: `1 file`, `1,500 files`."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def readable(size: int) -> str:
    """Format a number of bytes: `14.7 MB`, `2.1 kB`."""
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} kB"
