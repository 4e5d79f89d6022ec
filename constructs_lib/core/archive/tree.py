"""Files of a folder → entries, compressed on all cores."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.archive.entry import Entry, compress
from constructs_lib.core.errors import WheelError
from constructs_lib.core.sources import is_executable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def tree_entries(
    root: Path,
    files: Iterable[Path],
    prefix: str = "",
    look: Callable[[Path, bytes], object] = lambda _path, _content: None,
) -> list[Entry]:
    """The files `files`, relative to `root`, below `prefix`; a symlink becomes the file it points to.

    `look` is called in a worker thread with each path and its content, which is then read only once.
    """
    inside = Path(os.path.realpath(root))

    def entry(path: Path) -> Entry:
        content, executable = _read(root / path, inside)
        look(path, content)
        return compress(f"{prefix}{path.as_posix()}", content, inside.name, executable=executable)

    # The deflate library lets go of the interpreter's lock. Largest first: no long one is left for the end.
    files = list(files)
    largest_first = sorted(files, key=lambda path: -_size(root / path))
    with ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="compress") as pool:
        entries = dict(zip(largest_first, pool.map(entry, largest_first), strict=True))
    return [entries[path] for path in files]


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0  # reading it will say what is wrong


def _read(file: Path, inside: Path) -> tuple[bytes, bool]:
    try:
        # Unlike `Path.resolve`, this does not raise on a link that points to itself.
        if not Path(os.path.realpath(file)).is_relative_to(inside):
            msg = f"{file} is a link that leaves {inside}: copy the file or leave it out"
            raise WheelError(msg)
        if not file.is_file():
            msg = f"{file} is neither a file nor a folder: leave it out"
            raise WheelError(msg)
        return file.read_bytes(), is_executable(file)
    except OSError as error:
        msg = f"{file} cannot be read: {error.strerror}"
        raise WheelError(msg) from None
