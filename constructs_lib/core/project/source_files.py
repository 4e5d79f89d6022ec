"""The source files of a folder, and one hash over them."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from constructs_lib.core.errors import ProjectError, StoreError
from constructs_lib.core.project.ignore_patterns import parse_patterns
from constructs_lib.core.project.secret_files import holds_secrets
from constructs_lib.core.system.files import reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pathspec import GitIgnoreSpec

# Folders and files that tools make: they differ from machine to machine and would change the hash without a reason.
_MADE = frozenset({"__pycache__", ".git", ".hg", ".svn", ".venv", "node_modules", "cdk.out", ".DS_Store"})
_MADE_AT_THE_TOP = frozenset({"build", "dist", "venv", ".tox", ".nox", ".eggs", ".idea", ".vscode"})
_NAMED = 10
"""Files that a note names."""
Reason: TypeAlias = Literal["secret", "ignored", "ignored-beside"]
_REASONS = {
    "secret": "they may hold secrets",
    "ignored": "git ignores them; name them in include to take them along",
    "ignored-beside": "git ignores them; a setting that names such a file itself takes it along",
}
_MOST_LINKS = 1000
"""Links to folders that a walk enters; twenty folders, each with links to those behind it, would be a million ways."""
_MADE_SUFFIXES = (".pyc", ".pyo", ".egg-info")
_ENVIRONMENT = "pyvenv.cfg"  # lies at the root of each virtual environment, however that is named
# Lies at the root of CDK's output, however that is named, when the app has ended; before that there are assets alone.
_ASSEMBLY = "cdk.out"
_ASSET = re.compile(r"asset\.[0-9a-f]{64}(\.\w+)?")


class LeftOut(NamedTuple):
    """The files of a project that stay out of an artifact for one reason."""

    project: str
    reason: Reason
    names: tuple[str, ...]
    """Sorted."""

    @classmethod
    def of(cls, project: str, reason: Reason, names: Iterable[str]) -> LeftOut:
        return cls(project, reason, tuple(sorted(names)))

    @property
    def text(self) -> str:
        """The line that names the files."""
        more = f" and {len(self.names) - _NAMED} more" if len(self.names) > _NAMED else ""
        return f"{self.project}: left out are {', '.join(self.names[:_NAMED])}{more}: {_REASONS[self.reason]}"


class SourceFiles(NamedTuple):
    """The files of a folder that count as its sources, and those that stay out for a reason worth a note."""

    files: list[Path]
    """Relative to the folder, sorted."""
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True)
class Patterns:
    """Patterns of `.gitignore` for the files to take; explicit exclude before explicit include before the rest."""

    included: GitIgnoreSpec | None
    excluded: GitIgnoreSpec | None

    @classmethod
    def of(cls, include: Sequence[str] | None, exclude: Sequence[str] | None) -> Patterns:
        if not include and not exclude:
            return cls(None, None)
        return cls(
            parse_patterns("include", include) if include else None,
            parse_patterns("exclude", exclude) if exclude else None,
        )

    def match(self, path: str) -> bool:
        is_included = self.included is None or self.included.match_file(path)
        return is_included and not (self.excluded is not None and self.excluded.match_file(path))

    def prunes(self, folder: str) -> bool:
        """Return whether all that is below a folder is excluded; a later `!` could take a part of it back."""
        if self.excluded is None or any(pattern.include is False for pattern in self.excluded.patterns):
            return False
        return self.excluded.match_file(f"{folder}/")


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
    return chosen_files(root, include, exclude, is_project=is_project).files


def chosen_files(
    root: Path,
    include: Sequence[str] | None = None,
    exclude: Sequence[str] | None = None,
    *,
    is_project: bool = True,
) -> SourceFiles:
    """Return the `source_files`, and the secret ones that stay out."""
    patterns = Patterns.of(include, exclude)
    files = []
    for path in walk(root, is_project=is_project, prune=patterns.prunes):
        if patterns.match(path.as_posix()):
            refuse_no_file(root / path, root)
            files.append(path)
    files.sort(key=Path.as_posix)
    secret = {path for path in files if holds_secrets(path.parts, partial(_content, root / path))}
    if not secret:
        return SourceFiles(files, ())
    note = LeftOut.of(root.name, "secret", map(Path.as_posix, secret))
    return SourceFiles([path for path in files if path not in secret], (note,))


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


def walk(root: Path, *, is_project: bool, prune: Callable[[str], bool] = lambda _: False) -> Iterator[Path]:
    """Yield the files below `root`, less those that tools make; links to folders are entered where that ends.

    `prune` is asked about the path of each folder, which is not entered if the answer is True.
    """
    real = os.path.realpath(root)
    yield from _Walk(root, real, prune, is_project=is_project).below("", (real,))


@dataclass
class _Walk:
    """A walk through a project's folders, each on every way that links lead to it."""

    root: Path
    real_root: str
    prune: Callable[[str], bool]
    is_project: bool
    links: int = 0
    """Links to folders that have been entered."""

    def below(self, relative: str, reals: tuple[str, ...]) -> Iterator[Path]:
        """Yield the files below a folder; `reals` are the real paths of the folders on the way to it."""
        entries = self._entries(relative)
        if relative and any(map(_marks_output, entries)):
            return
        top = self.is_project and not relative
        for entry in entries:
            if _left_out(entry.name, top=top):
                continue
            path = f"{relative}/{entry.name}" if relative else entry.name
            real = self._folder(entry, reals)
            # A link that is not entered is yielded like a file, so that `refuse_no_file` names it.
            if real is None:
                yield Path(path)
            elif not self.prune(path):
                self._count(entry, path)
                yield from self.below(path, (*reals, real))

    def _entries(self, relative: str) -> list[os.DirEntry[str]]:
        folder = self.root / relative
        try:
            return sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            raise StoreError("file-unreadable", f"{folder} cannot be read: {error.strerror}") from None

    def _folder(self, entry: os.DirEntry[str], reals: tuple[str, ...]) -> str | None:
        """Return a folder's real path; None for a file, and for a link that is not entered.

        Those are links that leave the project, and links to a folder that is being walked.
        """
        try:
            if not entry.is_dir():
                return None
        except OSError:  # a link that points to itself
            return None
        if not entry.is_symlink():
            return os.path.join(reals[-1], entry.name)  # noqa: PTH118 - a third of the time
        real = os.path.realpath(entry.path)
        inside = real == self.real_root or real.startswith(os.path.join(self.real_root, ""))  # noqa: PTH118
        return real if inside and real not in reals else None

    def _count(self, entry: os.DirEntry[str], path: str) -> None:
        """Raise a ProjectError where links lead through each other: each one more multiplies the files."""
        if not entry.is_symlink():
            return
        self.links += 1
        if self.links > _MOST_LINKS:
            raise ProjectError(
                "source-refused",
                f"{self.root} has links to folders that lead through each other, more than {_MOST_LINKS} ways, one "
                f"of them {path}: remove some of these links",
            )


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


def _marks_output(entry: os.DirEntry[str]) -> bool:
    """Return whether a folder with this entry is a virtual environment or the output of CDK."""
    name = entry.name
    return name == _ENVIRONMENT or (name == _ASSEMBLY and entry.is_file()) or bool(_ASSET.fullmatch(name))


def _left_out(name: str, *, top: bool) -> bool:
    return (
        name in _MADE
        or name.endswith(_MADE_SUFFIXES)
        or (name.startswith(".") and name.endswith("_cache"))
        or (top and name in _MADE_AT_THE_TOP)
    )
