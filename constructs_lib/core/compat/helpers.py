"""Small helpers that the seeds' users know by name; mostly a face on the standard library."""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
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


@dataclass(frozen=True)
class Hashes:
    """Hex digests by one algorithm."""

    algorithm: str = "md5"

    def use_md5(self) -> Hashes:
        return Hashes("md5")

    def use_sha256(self) -> Hashes:
        """The same by SHA-256; this value stays as it is."""
        return Hashes("sha256")

    def of_bytes(self, content: bytes) -> str:
        digest = hashlib.new(self.algorithm, usedforsecurity=False)
        digest.update(content)
        return digest.hexdigest()

    def of_str(self, text: str) -> str:
        """Of the text as UTF-8."""
        return self.of_bytes(text.encode())

    def of_file(self, path: str | Path) -> str:
        """Read in pieces, so that a file may be larger than the memory."""
        digest = hashlib.new(self.algorithm, usedforsecurity=False)
        with Path(path).open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
        return digest.hexdigest()


hashes = Hashes()
"""By MD5, as the metadata of a layer's zip names its manifest."""


class DateTimeTimer:
    """Measures a block: `with DateTimeTimer("build") as timer: …`, then `timer.elapsed` in seconds."""

    def __init__(self, title: str = "elapsed", *, display: bool = True) -> None:
        self.title = title
        self.display = display
        self.start_time: datetime | None = None
        self.end_time: datetime | None = None

    @property
    def elapsed(self) -> float:
        """Seconds from start to end; up to now while the block runs."""
        if self.start_time is None:
            return 0.0
        return ((self.end_time or _now()) - self.start_time).total_seconds()

    def __str__(self) -> str:
        return f"{self.title}: {self.elapsed:.6f} s"

    def __enter__(self) -> Self:
        self.start_time, self.end_time = _now(), None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end_time = _now()
        if self.display:
            print(self)  # noqa: T201 - what `display` asks for


def _now() -> datetime:
    return datetime.now(timezone.utc)
