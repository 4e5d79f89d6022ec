"""Files of a folder → entries."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from constructs_lib.core.archive.entry import Entry, compress
from constructs_lib.core.errors import WheelError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def tree_entries(root: Path, files: Iterable[Path], prefix: str = "") -> list[Entry]:
    """The files `files`, relative to `root`, below `prefix`; a symlink becomes the file it points to."""
    inside = root.resolve()
    return [_entry(root / path, f"{prefix}{path.as_posix()}", inside) for path in files]


def _entry(file: Path, name: str, inside: Path) -> Entry:
    try:
        if not file.resolve().is_relative_to(inside):
            msg = f"{file} is a link that leaves {inside}: copy the file or leave it out"
            raise WheelError(msg)
        if not file.is_file():
            msg = f"{file} is neither a file nor a folder: leave it out"
            raise WheelError(msg)
        return compress(name, file.read_bytes(), inside.name, executable=os.access(file, os.X_OK))
    except OSError as error:
        msg = f"{file} cannot be read: {error.strerror}"
        raise WheelError(msg) from None
