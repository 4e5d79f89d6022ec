"""Files that may fail to be read or written: one error for each problem, and no half-written file."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from errno import ENAMETOOLONG
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ArtifactError, ProjectError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

_LEFT_OVER = 60
"""Seconds after which a temporary file that no process has open was left by a killed one."""
_RANDOM_LETTERS = 8
"""Letters of a temporary file's name that are its own."""
_LONGEST_PATH = 160
"""Characters that an error shows of a path that is too long to be one."""


def unreadable(
    path: str | Path,
    problem: OSError | UnicodeDecodeError,
    remedy: str = "",
    error: type[ArtifactError] = ProjectError,
) -> ArtifactError:
    """Return the `error` for a failure to read `path`; `remedy` ends its line.

    The ids are `file-missing` and `file-unreadable`; `file-not-utf8` for text that cannot be decoded.
    """
    end = f": {remedy}" if remedy else ""
    if isinstance(problem, UnicodeDecodeError):
        return error("file-not-utf8", f"{path} is not UTF-8 at byte {problem.start}{end}")
    if isinstance(problem, FileNotFoundError | NotADirectoryError):
        return error("file-missing", f"{path} does not exist{end}")
    if problem.errno == ENAMETOOLONG:
        path = f"{str(path)[:_LONGEST_PATH]}…"
    return error("file-unreadable", f"{path} cannot be read: {problem.strerror or problem}{end}")


@contextmanager
def reading(path: str | Path, remedy: str = "", error: type[ArtifactError] = ProjectError) -> Iterator[None]:
    """Turn a failure to read `path` inside the block into the error of `unreadable`.

    It takes a microsecond: a loop over thousands of files raises `unreadable` in an `except` clause of its own.
    """
    try:
        yield
    except (OSError, UnicodeDecodeError) as problem:
        raise unreadable(path, problem, remedy, error) from None


@contextmanager
def atomic_write(path: Path, mode: int = 0o644) -> Iterator[BinaryIO]:
    """Yield a file beside `path` that takes its place when the block ends without an error.

    What was written can be read back inside the block. Missing folders above `path` are made; a link at `path` is
    replaced, not followed. Raises a StoreError (`file-unwritable`); nothing half-written stays.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_left_overs(path)
        # Not by `tempfile`, which takes 3 ms to import; the random name and mode "x" are all that is needed of it.
        name = os.urandom(_RANDOM_LETTERS // 2).hex()
        # Mode 0600 until it is complete, whatever the umask is: the content may be a secret.
        private = partial(os.open, mode=0o600)
        # Buffered: the write of an unbuffered file may end early without an error, on a full disk for instance.
        with open(path.with_name(f".{path.name}-{name}"), "x+b", opener=private) as file:
            temporary = Path(file.name)
            mark_in_use(file.fileno())
            yield file
        temporary.chmod(mode)
        temporary.replace(path)
    except OSError as problem:
        text = f"{path} cannot be written: {problem.strerror or problem}"
        raise StoreError("file-unwritable", text) from None
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()


def mark_in_use(handle: int) -> None:
    """Lock an open file until it is closed, or its process has ended in whatever way."""
    with suppress(OSError, ImportError):  # some file systems have no locks, and Windows removes no open file
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def remove_unused(path: Path, before: float) -> None:
    """Remove a temporary file that was last changed before that time, unless a running process has it marked.

    The time alone would not do: a clock may jump. Nor would the mark: not every file system has it.
    """
    with suppress(OSError):
        if path.stat().st_mtime >= before:
            return
        with path.open("rb") as file:
            with suppress(ImportError):
                import fcntl

                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return
            path.unlink()


def _remove_left_overs(path: Path) -> None:
    """Remove what killed processes left of this file."""
    prefix, before = f".{path.name}-", time.time() - _LEFT_OVER
    with os.scandir(path.parent) as entries:
        names = [entry.name for entry in entries if entry.name.startswith(prefix)]
    for name in names:
        if len(name) == len(prefix) + _RANDOM_LETTERS:
            remove_unused(path.with_name(name), before)


def write_if_changed(path: Path, content: bytes) -> None:
    """Write `content` with `atomic_write`, unless the file has it already; its time then stays too."""
    with suppress(OSError):
        if path.read_bytes() == content:
            return
    with atomic_write(path) as file:
        file.write(content)
