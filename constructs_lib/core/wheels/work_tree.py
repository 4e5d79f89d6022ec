"""A copy of the work tree around a project, for a build that may write into it.

The copy has a git directory of its own that shares the original's objects and references: git, and every plugin that
asks it, sees the same commit, tags, index and changes, while nothing of the original is written.
"""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.project.repository import ask_git, find_work_tree
from constructs_lib.core.system.files import unreadable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

TREE = "tree"
"""The folder that the copy is made in."""
GIT_DIRECTORY = "git"
"""The folder of the copy's git directory; none is made where the original has none."""
_GIT = ".git"
_POINTER = "gitdir: "
# Of tools, and of no use for a build.
_SKIPPED = frozenset({"__pycache__", "cdk.out"})
# Too large to be copied. A build may read them, through a link.
_LINKED = frozenset({"node_modules", ".tox", ".nox"})
_ENVIRONMENT = "pyvenv.cfg"
_UNTRACKED = ("ls-files", "--others", "--directory", "-z")
"""Arguments for git; a folder without a tracked file is given as a whole."""


@dataclass(frozen=True)
class WorkTree:
    """A project and what its build may read around it."""

    project: Path
    left_out: Collection[Path] = frozenset()
    """Files and folders that a copy lacks."""
    outside: Collection[Path] = ()
    """Places beside the project that its build takes files from."""
    with_siblings: bool = False
    """Link the folders beside a project that no repository is around, for one that reaches outside itself."""

    def reads(self, folder: Path) -> bool:
        """Return whether a folder is, holds, or lies in a place that the build takes files from."""
        places = (self.project, *self.outside)
        return any(folder.is_relative_to(place) or place.is_relative_to(folder) for place in places)


def copy_work_tree(tree: WorkTree, scratch: Path) -> Path:
    """Copy the work tree around a project, else the project alone, into `scratch`; return the project's copy."""
    project = tree.project
    root = find_work_tree(project) or project
    copy = scratch / TREE / (root.name or "root")
    git = scratch / GIT_DIRECTORY
    has_git = _make_git_directory(root, git)
    folders = [path for path, is_folder in _untracked(root) if is_folder] if has_git else ()
    _Copy(root, tree, frozenset(folders)).copy(root, copy)
    if has_git:
        (copy / _GIT).write_text(f"{_POINTER}{git}\n", encoding="utf-8")
    if tree.with_siblings and root == project:
        _link_siblings(root, copy.parent)
    return copy / project.relative_to(root)


def _link_siblings(root: Path, target: Path) -> None:
    # A build need not use them, and the folder above a project may be closed to this user.
    siblings: list[Path] = []
    with suppress(OSError):
        siblings += root.parent.iterdir()
    for sibling in siblings:
        if sibling.name != root.name:
            (target / sibling.name).symlink_to(sibling)


def _untracked(root: Path) -> Iterator[tuple[Path, bool]]:
    """Yield what git does not track in the work tree `root`, ignored or not, and whether it is a folder."""
    for name in (ask_git(root, *_UNTRACKED) or "").split("\0"):
        if name:
            yield root / name, name.endswith("/")


def untracked_files(root: Path, tree: WorkTree) -> Iterator[Path]:
    """Yield the files of a copy that git does not track in `root`; those of untracked folders one by one."""
    for path, is_folder in _untracked(root):
        if not is_folder:
            yield path
        elif tree.reads(path) and not is_environment(path):
            for folder, folders, names in os.walk(path):
                folders[:] = [
                    name
                    for name in folders
                    if name != _GIT and name not in _SKIPPED and not is_environment(Path(folder, name))
                ]
                yield from (Path(folder, name) for name in names)


def _make_git_directory(root: Path, target: Path) -> bool:
    """Make the copy's git directory, as `git worktree` lays out that of a further work tree."""
    is_repository = (root / _GIT).exists()
    answer = ask_git(root, "rev-parse", "--absolute-git-dir", "--git-common-dir") if is_repository else None
    if answer is None:
        return False
    git_directory, common_directory = answer.splitlines()
    original = Path(git_directory)
    target.mkdir(parents=True)
    for file in (original / "HEAD", original / "index", *original.glob("sharedindex.*")):
        if file.is_file():
            shutil.copy2(file, target)
    (target / "commondir").write_bytes(os.fsencode(f"{(root / common_directory).resolve()}\n"))
    return True


def is_environment(folder: Path) -> bool:
    """Return whether a folder is too large for a copy, and holds what tools have installed."""
    return folder.name in _LINKED or (folder / _ENVIRONMENT).exists()


@dataclass(frozen=True)
class _Copy:
    root: Path
    tree: WorkTree
    untracked: frozenset[Path]

    def copy(self, folder: Path, target: Path) -> None:
        """Copy a folder; what cannot be read stays out where it is not the project's."""
        target.mkdir(parents=True)
        try:
            entries = list(os.scandir(folder))
        except OSError as problem:
            if folder.is_relative_to(self.tree.project):
                raise unreadable(folder, problem) from None
            return
        for entry in entries:
            path = Path(entry.path)
            if path not in self.tree.left_out and entry.name not in _SKIPPED:
                self._copy_entry(entry, path, target / entry.name)

    def _copy_entry(self, entry: os.DirEntry[str], path: Path, target: Path) -> None:
        if entry.name == _GIT:
            if path.parent != self.root:
                target.write_bytes(os.fsencode(f"{_POINTER}{_git_directory(path)}\n"))
        elif entry.is_symlink():
            target.symlink_to(self._link_target(path))
        elif entry.is_dir():
            if self._is_linked(path):
                target.symlink_to(path)
            else:
                self.copy(path, target)
        elif entry.is_file():
            self._copy_file(path, target)

    def _is_linked(self, folder: Path) -> bool:
        """Return whether a folder is too large for a copy, or an untracked one outside of the project.

        A repository may be around all that a person has, with few files in it.
        """
        if is_environment(folder):
            return True
        return folder in self.untracked and not self.tree.reads(folder)

    def _link_target(self, link: Path) -> str:
        """Return the text of a link for the copy: absolute where it leaves the work tree."""
        text = str(link.readlink())
        aim = os.path.normpath(link.parent / text)
        return text if Path(aim).is_relative_to(self.root) and not Path(text).is_absolute() else aim

    def _copy_file(self, path: Path, target: Path) -> None:
        try:
            shutil.copy2(path, target)
            # A build may write a new version into a file that is read-only here.
            target.chmod(stat.S_IMODE(target.stat().st_mode) | stat.S_IWUSR)
        except OSError as problem:
            if path.is_relative_to(self.tree.project):
                raise unreadable(path, problem) from None


def _git_directory(path: Path) -> Path:
    """Return the git directory of a submodule or nested repository, whose `.git` is `path`."""
    if path.is_dir():
        return path
    pointer = os.fsdecode(path.read_bytes()).removeprefix(_POINTER).strip()
    return (path.parent / pointer).resolve()
