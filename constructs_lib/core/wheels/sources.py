"""A folder of sources as a value: which files belong to it, and one hash over them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

# Made by tools, never by hand: they differ from machine to machine and would change the hash for nothing.
_NEVER = frozenset({"__pycache__", ".git", ".hg", ".svn", ".venv", "venv", "node_modules", "cdk.out", ".DS_Store"})
_NEVER_AT_THE_TOP = frozenset({"build", "dist", ".tox", ".nox", ".eggs", ".idea", ".vscode"})
_NEVER_SUFFIXES = (".pyc", ".pyo", ".egg-info", "_cache")


def source_files(root: Path) -> Iterator[Path]:
    """The files below `root` that a person wrote, as sorted relative paths. Symlinks to files count as files."""
    yield from sorted(_walk(root), key=lambda path: path.as_posix())


def _walk(root: Path) -> Iterator[Path]:
    def stop(error: OSError) -> None:
        msg = f"{error.filename} cannot be read: {error.strerror}"
        raise StoreError(msg)

    for folder, folders, files in os.walk(root, onerror=stop):
        here = Path(folder).relative_to(root)
        top = not here.parts
        folders[:] = [name for name in folders if _belongs(name, top=top)]
        yield from (here / name for name in files if _belongs(name, top=top))


def _belongs(name: str, *, top: bool) -> bool:
    return not (name in _NEVER or name.endswith(_NEVER_SUFFIXES) or (top and name in _NEVER_AT_THE_TOP))


def hash_tree(root: Path, files: list[Path]) -> str:
    """sha256 over path, executable bit and content of each file; clock, owner and folder do not count."""
    digest = hashlib.sha256()
    for path in files:
        file = root / path
        try:
            content = file.read_bytes()
            executable = os.access(file, os.X_OK)
        except OSError as error:
            msg = f"{file} cannot be read: {error.strerror}"
            raise StoreError(msg) from None
        line = f"{path.as_posix()}\0{'x' if executable else '-'}\0{hashlib.sha256(content).hexdigest()}\n"
        digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
