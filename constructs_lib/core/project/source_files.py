"""A folder of sources as a value: which files belong to it, and one hash over them."""

from __future__ import annotations

import hashlib
import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ProjectError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# Made by tools, never by hand: they differ from machine to machine and would change the hash for nothing.
_MADE = frozenset({"__pycache__", ".git", ".hg", ".svn", ".venv", "node_modules", "cdk.out", ".DS_Store"})
_MADE_AT_THE_TOP = frozenset({"build", "dist", "venv", ".tox", ".nox", ".eggs", ".idea", ".vscode"})
_MADE_SUFFIXES = (".pyc", ".pyo", ".egg-info")
# Where people keep passwords. What is copied ends in a zip that others may read.
_SECRET = frozenset({".env", ".netrc", ".pypirc", "pip.conf"})


def source_files(
    root: Path,
    include: Sequence[str] | None = None,
    exclude: Sequence[str] | None = None,
    *,
    is_project: bool = True,
) -> list[Path]:
    """The files of the project in `root` as sorted relative paths, less what tools make and what is secret.

    In a project tools make `build`, `dist` and the like; where `root` is none (`is_project`) those are packages.
    `include` and `exclude` are patterns as in `is_match`. A link counts as what it points to; a ProjectError
    names one that leaves the project, and whatever else is no file.
    """
    taken = _matcher(include, exclude)
    walked = _walk(root, is_project=is_project)
    found = sorted((path for path in walked if taken(path.as_posix())), key=lambda path: path.as_posix())
    for path in found:
        _refuse_no_file(root / path, root)
    return found


def is_match(
    relpath_parts: Sequence[str], include: Sequence[str] | None = None, exclude: Sequence[str] | None = None
) -> bool:
    """Whether a file is taken: explicit exclude before explicit include before implicit include.

    Patterns are those of `.gitignore` and match paths relative to the project: `tests/*`, `tests/**` and
    `docs/` take nested files with them, `*.md` matches in every folder. No `include` means everything.
    """
    return _matcher(include, exclude)("/".join(relpath_parts))


def _matcher(include: Sequence[str] | None, exclude: Sequence[str] | None) -> Callable[[str], bool]:
    if not include and not exclude:
        return lambda _: True
    from pathspec import GitIgnoreSpec

    included = GitIgnoreSpec.from_lines(include or ["*"])
    excluded = GitIgnoreSpec.from_lines(exclude or [])
    return lambda path: included.match_file(path) and not excluded.match_file(path)


def hash_tree(root: Path, files: Sequence[Path]) -> str:
    """sha256 (hex) over path, executable bit and content of each file; clock, owner and folder do not count."""
    digest = hashlib.sha256()
    for path in files:
        file = root / path
        try:
            content = file.read_bytes()
            executable = is_executable(file)
        except OSError as error:
            msg = f"{file} cannot be read: {error.strerror}"
            raise StoreError(msg) from None
        line = f"{path.as_posix()}\0{'x' if executable else '-'}\0{hashlib.sha256(content).hexdigest()}\n"
        digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def is_executable(file: Path) -> bool:
    """Whether the mode says so, whoever asks."""
    return bool(file.stat().st_mode & 0o111)


def _walk(root: Path, *, is_project: bool) -> Iterator[Path]:
    def stop(error: OSError) -> None:
        msg = f"{error.filename} cannot be read: {error.strerror}"
        raise StoreError(msg)

    for folder, folders, files in os.walk(root, onerror=stop, followlinks=True):
        here = Path(folder).relative_to(root)
        top = is_project and not here.parts
        wanted = [name for name in folders if not _left_out(name, top=top)]
        folders[:] = [name for name in wanted if _may_enter(Path(folder, name), root)]
        entered = set(folders)
        yield from (here / name for name in wanted if name not in entered)
        yield from (here / name for name in files if not _left_out(name, top=top))


def _may_enter(folder: Path, root: Path) -> bool:
    """Not through a link that leaves the project, nor through one to a folder that is being walked."""
    if not folder.is_symlink():
        return True
    real = os.path.realpath(folder)
    above = itertools.takewhile(lambda parent: parent != root.parent, folder.parents)
    return _is_inside(folder, root) and real not in map(os.path.realpath, above)


def _is_inside(path: Path, root: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def _refuse_no_file(path: Path, root: Path) -> None:
    if path.is_symlink() and not _is_inside(path, root):
        why = f"is a link that leaves {root}: copy what it points to"
    elif path.is_dir():
        why = "is a link to a folder that it lies in: remove it"
    elif not path.is_file():
        why = "is neither a file nor a folder: remove it"
    else:
        return
    msg = f"{path} {why} or exclude it"
    raise ProjectError(msg)


def _left_out(name: str, *, top: bool) -> bool:
    return (
        name in _MADE
        or name in _SECRET
        or name.endswith(_MADE_SUFFIXES)
        or (name.startswith(".") and name.endswith("_cache"))
        or (top and name in _MADE_AT_THE_TOP)
    )
