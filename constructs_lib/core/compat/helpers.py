"""Small helpers of the earlier tools, over the standard library."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

    from typing_extensions import Self


@contextmanager
def temp_cwd(path: str | Path) -> Iterator[Path]:
    """Change this process's working directory to `path` inside the block. Nothing else in core does that."""
    before = Path.cwd()
    os.chdir(path)
    try:
        yield Path(path)
    finally:
        os.chdir(before)


def write_bytes(path: str | Path, content: bytes) -> None:
    """Write a file, making the folders above it."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def ensure_exact_one_true(lst: Sequence[bool]) -> None:
    """Raise a ValueError unless exactly one of the values is true."""
    if sum(map(bool, lst)) != 1:
        raise ValueError(f"exactly one of these must be true: {list(lst)}")


def normalize_glob_patterns(patterns: str | Sequence[str] | None) -> list[str]:
    """Return one pattern, several or none as a new list."""
    if patterns is None:
        return []
    return [patterns] if isinstance(patterns, str) else list(patterns)


class DateTimeTimer:
    """A stopwatch: `with DateTimeTimer("build") as timer: …`, then `timer.elapsed` in seconds.

    It runs from its construction unless `start` is False; a `with` block starts it anew. `verbose` prints the result
    at the end.
    """

    def __init__(self, title: str = "elapsed", verbose: bool = True, start: bool = True) -> None:
        self.title = title
        self.verbose = verbose
        self.start_time: datetime | None = None
        self.end_time: datetime | None = None
        if start:
            self.start()

    def start(self) -> None:
        """Start anew."""
        self.start_time, self.end_time = _now(), None

    def end(self) -> None:
        """Stop, and print the result if `verbose` is set."""
        self.end_time = _now()
        if self.verbose:
            print(self)  # noqa: T201 - what `verbose` asks for

    @property
    def elapsed(self) -> float:
        """Seconds from start to end, or up to now while the timer runs; 0 before the start."""
        if self.start_time is None:
            return 0.0
        return ((self.end_time or _now()) - self.start_time).total_seconds()

    def __str__(self) -> str:
        return f"{self.title}: {self.elapsed:.6f} s"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()


def _now() -> datetime:
    return datetime.now(timezone.utc)
