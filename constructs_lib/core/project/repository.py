"""The git repository around a folder: the files that it ignores, and the state that a version is made from."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ToolError
from constructs_lib.core.project.ignore_patterns import read_patterns
from constructs_lib.core.system import process

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

IGNORE_FILE = ".gitignore"
# Set inside a git hook; they would point git at another repository than the one around the folder.
_REDIRECTS = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_PREFIX",
    "GIT_OBJECT_DIRECTORY",
)
_OTHER_VERSIONS = (".hg", ".svn", ".bzr", ".jj", ".sl", ".git_archival.txt", ".hg_archival.txt")
_IGNORED = ("ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z", "--", ".")


def git_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return `environment` for a git that stays in the repository around its folder and takes no optional locks."""
    kept = {name: value for name, value in environment.items() if name not in _REDIRECTS}
    return {**kept, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}


def find_work_tree(folder: Path) -> Path | None:
    """Return the root of the work tree that `folder` lies in; None where no repository is around it."""
    return next((above for above in (folder, *folder.parents) if (above / ".git").exists()), None)


def ask_git(folder: Path, *arguments: str) -> str | None:
    """Return the answer of git in `folder`; None without git, or where it refuses the repository."""
    if not shutil.which("git"):
        return None
    try:
        return process.run(["git", *arguments], cwd=folder, env=git_environment(os.environ))
    except ToolError:
        return None


def ignored_files(root: Path, files: Sequence[Path]) -> frozenset[Path]:
    """Return those of `files`, which are relative to `root`, that git ignores and does not track.

    Where git cannot be asked, and in a folder that is ignored as a whole, the `.gitignore`s among `files` decide.
    """
    answer = ask_git(root, *_IGNORED) if find_work_tree(root) else None
    names = answer.split("\0")[:-1] if answer else []
    if answer is None or "./" in names:
        return _matched(root, files)
    exact = {name for name in names if not name.endswith("/")}
    folders = tuple(name for name in names if name.endswith("/"))
    return frozenset(
        path for path in files if (name := path.as_posix()) in exact or (folders and name.startswith(folders))
    )


def ignored_below(project: Path, folders: Sequence[Path]) -> frozenset[Path]:
    """Return what git ignores in `folders` outside of `project`: files, and folders as a whole.

    A folder that is ignored itself is not among them: its name was given on purpose. Bytecode is none for a build.
    """
    root = find_work_tree(project)
    if root is None:
        return frozenset()
    inside = [folder for folder in folders if folder.is_relative_to(root) and folder.exists()]
    names = [str(folder.relative_to(root)) for folder in inside]
    answer = ask_git(root, "--literal-pathspecs", *_IGNORED[:-1], *names) if names else None
    paths = [root / name for name in (answer or "").split("\0")[:-1]]
    return frozenset(
        path
        for path in paths
        if any(folder in path.parents for folder in inside)
        and not path.is_relative_to(project)
        and not project.is_relative_to(path)
        and path.name != "__pycache__"
        and path.suffix != ".pyc"
    )


def _matched(root: Path, files: Iterable[Path]) -> frozenset[Path]:
    """Return the files that a `.gitignore` among them excludes; of several, the deepest that matches decides."""
    files = list(files)
    paths = sorted((path for path in files if path.name == IGNORE_FILE), key=lambda path: -len(path.parts))
    if not paths:
        return frozenset()
    specs = [
        (path.parent, read_patterns((root / path).read_text("utf-8", "replace").splitlines()))
        for path in paths
    ]

    def is_ignored(path: Path) -> bool:
        for folder, spec in specs:
            if path.is_relative_to(folder):
                answer = spec.check_file(PurePosixPath(path.relative_to(folder)).as_posix()).include
                if answer is not None:
                    return answer
        return False

    return frozenset(filter(is_ignored, files))


def git_state(folder: Path) -> str:
    """Return a hash of what versions are made from: the commit, the references, and what differs from the commit."""
    if find_work_tree(folder) is None:
        return ""
    # A shallow clone has other distances to its tags; deepening it changes nothing else.
    shallow = folder / (ask_git(folder, "rev-parse", "--git-path", "shallow") or "").strip()
    answers = [
        shallow.read_bytes() if shallow.is_file() else None,
        ask_git(folder, "status", "--porcelain=v2", "--branch", "-z"),
        ask_git(folder, "for-each-ref", "--format=%(refname) %(objectname)"),
    ]
    return hashlib.sha256(repr(answers).encode("utf-8", "surrogateescape")).hexdigest()


def is_versioned_otherwise(folder: Path) -> bool:
    """Return whether a version may come from another place than a git repository: its state is not known here."""
    if find_work_tree(folder) is not None:
        return False
    return any((above / name).exists() for above in (folder, *folder.parents) for name in _OTHER_VERSIONS)


def ignore_rules(folder: Path) -> str:
    """Return a hash of the ignore files above `folder`, up to the root of its work tree: backends read them."""
    root = find_work_tree(folder)
    digest = hashlib.sha256()
    for above in folder.parents if root and root != folder else ():
        for name in (IGNORE_FILE, ".hgignore"):
            if (file := above / name).is_file():
                digest.update(
                    f"{file.relative_to(root) if root else name}\0".encode("utf-8", "surrogateescape")
                )
                digest.update(file.read_bytes())
        if above == root:
            break
    return digest.hexdigest()
