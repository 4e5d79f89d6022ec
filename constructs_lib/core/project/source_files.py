"""The source files of a folder, and one hash over them."""

from __future__ import annotations

import hashlib
import itertools
import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ProjectError, StoreError
from constructs_lib.core.log import log
from constructs_lib.core.project.secret_files import holds_secrets
from constructs_lib.core.system.files import reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pathspec import GitIgnoreSpec

# Folders and files that tools make: they differ from machine to machine and would change the hash without a reason.
_MADE = frozenset({"__pycache__", ".git", ".hg", ".svn", ".venv", "node_modules", "cdk.out", ".DS_Store"})
_MADE_AT_THE_TOP = frozenset({"build", "dist", "venv", ".tox", ".nox", ".eggs", ".idea", ".vscode"})
_NAMED = 10
"""Files that a note names."""
_MADE_SUFFIXES = (".pyc", ".pyo", ".egg-info")
_ENVIRONMENT = "pyvenv.cfg"  # lies at the root of each virtual environment, however that is named


@dataclass(frozen=True)
class Patterns:
    """Patterns of `.gitignore` for the files to take; explicit exclude before explicit include before the rest."""

    included: GitIgnoreSpec | None
    excluded: GitIgnoreSpec | None

    @classmethod
    def of(cls, include: Sequence[str] | None, exclude: Sequence[str] | None) -> Patterns:
        if not include and not exclude:
            return cls(None, None)
        from pathspec import GitIgnoreSpec

        return cls(
            GitIgnoreSpec.from_lines(include) if include else None,
            GitIgnoreSpec.from_lines(exclude) if exclude else None,
        )

    def match(self, path: str) -> bool:
        is_included = self.included is None or self.included.match_file(path)
        return is_included and not (self.excluded is not None and self.excluded.match_file(path))


def source_files(
    root: Path,
    include: Sequence[str] | None = None,
    exclude: Sequence[str] | None = None,
    *,
    is_project: bool = True,
) -> list[Path]:
    """Return the files of the project in `root` as sorted relative paths, less those made by tools and secret ones.

    In a project tools make `build`, `dist` and the like; elsewhere (not `is_project`) folders of these names are
    packages. `include` and `exclude` are patterns as in `is_match`. A link counts as its target; a ProjectError
    names one that leaves the project, and anything else that is no file.
    """
    patterns = Patterns.of(include, exclude)
    walked = walk(root, is_project=is_project)
    files = sorted((path for path in walked if patterns.match(path.as_posix())), key=Path.as_posix)
    for path in files:
        refuse_no_file(root / path, root)
    secret = [path for path in files if holds_secrets(path.parts, partial(_content, root / path))]
    if secret:
        log.warning("%s", left_out_note(root.name, map(Path.as_posix, secret), "they are for secrets"))
    return [path for path in files if path not in secret] if secret else files


def left_out_note(name: str, files: Iterable[str], reason: str) -> str:
    """Return the line that names the files that stay out of an artifact."""
    names = sorted(files)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{name}: left out are {', '.join(names[:_NAMED])}{more}: {reason}"


def is_match(
    relpath_parts: Sequence[str], include: Sequence[str] | None = None, exclude: Sequence[str] | None = None
) -> bool:
    """Return whether a file is taken: explicit exclude before explicit include before implicit include.

    Patterns are those of `.gitignore` and match paths relative to the project: `tests/*`, `tests/**` and
    `docs/` take nested files with them, `*.md` matches in every folder. No `include` means everything.
    """
    return Patterns.of(include, exclude).match("/".join(relpath_parts))


def _content(file: Path) -> bytes:
    with reading(file):
        return file.read_bytes()


def hash_tree(root: Path, files: Sequence[Path]) -> str:
    """Return the sha256 (hex) over path, executable bit and content of each file; clock, owner and folder do not count."""
    digest = hashlib.sha256()
    for path in files:
        file = root / path
        with reading(file, error=StoreError):
            content = file.read_bytes()
            executable = is_executable(file)
        line = f"{path.as_posix()}\0{'x' if executable else '-'}\0{hashlib.sha256(content).hexdigest()}\n"
        digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def is_executable(file: Path) -> bool:
    """Return whether the mode allows it, for any user."""
    return bool(file.stat().st_mode & 0o111)


def walk(root: Path, *, is_project: bool) -> Iterator[Path]:
    """Yield the files below `root`, less those that tools make; links to folders are entered where that ends."""

    def stop(error: OSError) -> None:
        raise StoreError("file-unreadable", f"{error.filename} cannot be read: {error.strerror}")

    for folder, folders, files in os.walk(root, onerror=stop, followlinks=True):
        relative = Path(folder).relative_to(root)
        if _ENVIRONMENT in files and relative.parts:
            folders[:] = []
            continue
        top = is_project and not relative.parts
        sources = [name for name in folders if not _left_out(name, top=top)]
        folders[:] = [name for name in sources if _may_enter(Path(folder, name), root)]
        entered = set(folders)
        # A link that is not entered is yielded like a file, so that `refuse_no_file` names it.
        yield from (relative / name for name in sources if name not in entered)
        yield from (relative / name for name in files if not _left_out(name, top=top))


def _may_enter(folder: Path, root: Path) -> bool:
    """Return False for a link that leaves the project and for one to a folder that is being walked."""
    if not folder.is_symlink():
        return True
    real = os.path.realpath(folder)
    above = itertools.takewhile(lambda parent: parent != root.parent, folder.parents)
    return _is_inside(folder, root) and real not in map(os.path.realpath, above)


def _is_inside(path: Path, root: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def refuse_no_file(path: Path, root: Path) -> None:
    """Raise a ProjectError for a link that leaves `root`, and for anything that is no file."""
    if path.is_symlink() and not _is_inside(path, root):
        problem = f"is a link that leaves {root}: copy what it points to"
    elif path.is_dir():
        problem = "is a link to a folder that it lies in: remove it"
    elif not path.is_file():
        problem = "is neither a file nor a folder: remove it"
    else:
        return
    raise ProjectError("source-refused", f"{path} {problem} or exclude it")


def _left_out(name: str, *, top: bool) -> bool:
    return (
        name in _MADE
        or name.endswith(_MADE_SUFFIXES)
        or (name.startswith(".") and name.endswith("_cache"))
        or (top and name in _MADE_AT_THE_TOP)
    )
