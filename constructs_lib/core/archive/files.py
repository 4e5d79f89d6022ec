"""Files of a folder → entries, compressed on all cores."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from constructs_lib.core.archive.entry import Entry, compress, is_program, safe_name
from constructs_lib.core.errors import WheelError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Executor

# One task of a worker. Handing over single small files would cost more than compressing them.
_BATCH_BYTES = 128 * 1024
_BATCH_FILES = 32


class Compressor(Protocol):
    """A memory of files that earlier builds compressed."""

    def open(self, files: Iterable[tuple[Path, int]], pool: Executor) -> None:
        """Look up these files, given with their sizes."""

    def compress(self, path: Path, content: bytes) -> Entry:
        """Return an entry of `content`; its name means nothing."""

    def keep(self, pool: Executor) -> None:
        """Keep what was compressed."""


class _File(NamedTuple):
    name: str
    path: Path
    place: str
    """Where it lies."""
    size: int
    executable: bool


def tree_entries(
    root: Path,
    files: Iterable[Path],
    prefix: str = "",
    look: Callable[[Path, bytes], object] = lambda _path, _content: None,
    reuse: Compressor | None = None,
) -> list[Entry]:
    """The files `files`, relative to `root`, below `prefix`; a symlink becomes the file it points to.

    Executable is what has such a mode and Linux could start: on some file systems every file has that mode.
    `look` is called in a worker thread with each path and its content, which is then read only once.
    `reuse` has what earlier builds compressed, and says how hard the rest is compressed.
    """
    inside = Path(os.path.realpath(root))
    found = _files(root, inside, files, prefix)

    def entry(file: _File) -> Entry:
        content = _read(file.place)
        look(file.path, content)
        executable = file.executable and is_program(content)
        if reuse is None:
            return compress(file.name, content, inside.name, executable=executable)
        packed = reuse.compress(file.path, content)
        return packed._replace(name=file.name, executable=executable, origin=inside.name)

    # The deflate library lets go of the interpreter's lock.
    batches = list(_batches(found))
    with ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="compress") as pool:
        if reuse is not None:
            reuse.open([(file.path, file.size) for file in found], pool)
        done = list(pool.map(lambda batch: [(file.path, entry(file)) for file in batch], batches))
        if reuse is not None:
            reuse.keep(pool)
    entries = dict(each for batch in done for each in batch)
    return [entries[file.path] for file in found]


def _batches(files: Iterable[_File]) -> Iterator[list[_File]]:
    """Largest first: no long one is left for the end."""
    batch: list[_File] = []
    size = 0
    for file in sorted(files, key=lambda file: -file.size):
        batch.append(file)
        size += file.size
        if size >= _BATCH_BYTES or len(batch) == _BATCH_FILES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _files(root: Path, inside: Path, files: Iterable[Path], prefix: str) -> list[_File]:
    """The files with what the file system says of them; a WheelError where one is no file of this tree."""
    looked_at: set[str] = set()
    found = []
    for path in files:
        relative = path.as_posix()
        # First, so that what is said below fits on one line whatever the name is.
        name, place = safe_name(relative, inside.name, prefix), f"{root}/{relative}"
        try:
            mode, size = _mode_and_size(place, inside, looked_at)
        except OSError as error:
            raise _unreadable(place, error) from None
        if not stat.S_ISREG(mode):
            msg = f"{place} is neither a file nor a folder: leave it out"
            raise WheelError(msg)
        found.append(_File(name, path, place, size, bool(mode & 0o111)))
    return found


def _mode_and_size(place: str, inside: Path, looked_at: set[str]) -> tuple[int, int]:
    """Those of the file that a link points to; 0 where there is none. A plain file lies where its folder does."""
    try:
        state = os.lstat(place)  # thousands of times, and `Path` takes three times as long
    except FileNotFoundError:
        return 0, 0
    if stat.S_ISLNK(state.st_mode):
        _refuse_outside(place, inside)
        target = Path(place)
        state = target.stat() if target.is_file() else state
    elif (folder := place.rpartition("/")[0]) not in looked_at:
        _refuse_outside(place, inside)
        looked_at.add(folder)
    return state.st_mode, state.st_size


def _refuse_outside(place: str, inside: Path) -> None:
    # Unlike `Path.resolve`, this does not raise on a link that points to itself.
    if not Path(os.path.realpath(place)).is_relative_to(inside):
        msg = f"{place} is a link that leaves {inside}: copy the file or leave it out"
        raise WheelError(msg)


def _read(place: str) -> bytes:
    try:
        with open(place, "rb", buffering=0) as file:  # noqa: PTH123 - as above
            return file.read()
    except OSError as error:
        raise _unreadable(place, error) from None


def _unreadable(place: str, error: OSError) -> WheelError:
    return WheelError(f"{place} cannot be read: {error.strerror}")
