"""Entries from the files of a folder, compressed on all cores."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from constructs_lib.core.archive.entry import Entry, composed, compress, is_program, safe_name
from constructs_lib.core.errors import WheelError
from constructs_lib.core.system.files import unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Executor

# Limits of one task of a worker: handing over single small files would cost more than compressing them.
_BATCH_BYTES = 128 * 1024
_BATCH_FILES = 32


class Compressor(Protocol):
    """A memory of files that earlier builds compressed."""

    def open(self, files: Iterable[tuple[Path, int]], pool: Executor) -> None:
        """Look up these files, given with their sizes."""

    def compress(self, path: Path, content: bytes) -> Entry:
        """Return an entry of `content`; its name is arbitrary."""

    def keep(self, pool: Executor) -> None:
        """Keep the compressed files for later builds."""


class _File(NamedTuple):
    name: str
    """Its name in the archive."""
    path: Path
    """Relative to the folder."""
    location: str
    """Its path on this machine."""
    size: int
    executable: bool


def tree_entries(
    root: Path,
    files: Iterable[Path],
    prefix: str = "",
    look: Callable[[Path, bytes], object] | None = None,
    reuse: Compressor | None = None,
) -> list[Entry]:
    """Return the entries of `files`, which are relative to `root`, below `prefix`.

    A symlink becomes the file that it points to. A file is executable if it has such a mode and Linux could start it:
    on some file systems every file has that mode. `look` is called in a worker thread with each path and its content,
    so that the content is read only once. `reuse` returns files that earlier builds compressed, and decides how well
    the others are compressed.
    """
    real_root = Path(os.path.realpath(root))
    listed = _listed(root, real_root, files, prefix)

    def entry(file: _File) -> Entry:
        content = _content(file.location)
        if look is not None:
            look(file.path, content)
        executable = file.executable and is_program(content)
        if reuse is None:
            return compress(file.name, content, real_root.name, executable=executable)
        packed = reuse.compress(file.path, content)
        return packed._replace(name=file.name, executable=executable, origin=real_root.name)

    # The deflate library releases the interpreter's lock.
    batches = list(_batches(listed))
    with ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="compress") as pool:
        if reuse is not None:
            reuse.open([(file.path, file.size) for file in listed], pool)
        done = list(pool.map(lambda batch: [(file.path, entry(file)) for file in batch], batches))
        if reuse is not None:
            reuse.keep(pool)
    entries = dict(pair for batch in done for pair in batch)
    return [entries[file.path] for file in listed]


def _batches(files: Iterable[_File]) -> Iterator[list[_File]]:
    """Yield the files in batches, largest first, so that no long one is left for the end."""
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


def _listed(root: Path, real_root: Path, files: Iterable[Path], prefix: str) -> list[_File]:
    """Return the files with mode and size; raise a WheelError for one that is no file of this folder."""
    checked_folders: set[str] = set()
    listed = []
    for path in files:
        relative = path.as_posix()
        # The name is checked first, so that an error below fits on one line.
        name, location = safe_name(composed(relative), real_root.name, prefix), f"{root}/{relative}"
        try:
            mode, size = _mode_and_size(location, real_root, checked_folders)
        except OSError as problem:
            raise unreadable(location, problem, error=WheelError) from None
        if not stat.S_ISREG(mode):
            raise WheelError(
                "file-not-regular", f"{location} is neither a file nor a folder: remove it or leave it out"
            )
        listed.append(_File(name, path, location, size, bool(mode & 0o111)))
    return listed


def _mode_and_size(location: str, real_root: Path, checked_folders: set[str]) -> tuple[int, int]:
    """Return those of the file that a link points to; 0 and 0 where there is none.

    A plain file is inside if its folder is, so each folder is checked once.
    """
    try:
        state = os.lstat(location)  # `Path` takes three times as long
    except FileNotFoundError:
        return 0, 0
    if stat.S_ISLNK(state.st_mode):
        _refuse_outside(location, real_root)
        target = Path(location)
        state = target.stat() if target.is_file() else state
    elif (folder := location.rpartition("/")[0]) not in checked_folders:
        _refuse_outside(location, real_root)
        checked_folders.add(folder)
    return state.st_mode, state.st_size


def _refuse_outside(location: str, real_root: Path) -> None:
    # Unlike `Path.resolve`, this does not raise on a link that points to itself.
    if not Path(os.path.realpath(location)).is_relative_to(real_root):
        raise WheelError(
            "link-outside", f"{location} is a link that leaves {real_root}: copy the file or leave it out"
        )


def _content(location: str) -> bytes:
    try:
        with open(location, "rb", buffering=0) as file:  # noqa: PTH123 - as above
            return file.read()
    except OSError as problem:
        raise unreadable(location, problem, error=WheelError) from None
