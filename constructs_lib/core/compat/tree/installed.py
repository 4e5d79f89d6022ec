"""What an installer left in a folder: distributions, and which file belongs to which."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from constructs_lib.core.compat.tree.distribution import DIST_INFO, is_dist_info, printable, read_distribution
from constructs_lib.core.errors import WheelError

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from constructs_lib.core.compat.tree.distribution import Distribution

# Notes of an installer to itself: they differ from tool to tool, and name folders of this machine.
_NOTES = frozenset(
    {
        "RECORD",
        "RECORD.jws",
        "RECORD.p7s",
        "INSTALLER",
        "REQUESTED",
        "direct_url.json",
        "uv_build.json",
        "uv_cache.json",
    }
)
# What the makers of virtual environments put into site-packages.
_OF_THE_ENVIRONMENT = frozenset({".lock", "_virtualenv.py", "_virtualenv.pth"})
# Scripts are not on Lambda's PATH, and headers are for compilers: the wheel route leaves both out as well.
_NOT_FOR_LAMBDA = ("bin", "include")
_MOST_THROUGH_LINKS = 10_000


@dataclass(frozen=True)
class Tree:
    """The files of a layer and who brought them."""

    root: Path
    files: tuple[Path, ...]
    """Relative to `root`, sorted, without leftovers and ignored distributions."""
    distributions: tuple[Distribution, ...]
    """Those that are kept, sorted by name."""
    ignored: tuple[str, ...]
    """`name==version` of those that are not."""

    @cached_property
    def owners(self) -> dict[Path, str]:
        """File → the distribution (`name==version`) that brought it, where one says so."""
        named = {name: str(each) for each in self.distributions for name in each.files}
        return {path: named[name] for path in self.files if (name := path.as_posix()) in named}


def read_tree(root: Path, ignore: Iterable[str]) -> Tree:
    """Look at the installed tree in `root`, less the distributions of these names (as PEP 503 compares them).

    A distribution's files are those of its RECORD, so `boto3` does not take `boto3_stubs` along, and a file
    that a kept distribution shares stays. What no RECORD names is ignored if it stands at the top under such a
    name: trees without dist-info exist.
    """
    names = {canonicalize_name(name) for name in ignore}
    files = list(_walk(root))
    found = _distributions(root, files)
    kept = [each for each in found if each.name not in names]
    gone = [each for each in found if each.name in names]
    owned = {name for each in kept for name in each.files}
    dropped = {name for each in gone for name in each.files} - owned
    packages = {top for top in _NOT_FOR_LAMBDA if f"{top}/__init__.py" in files}
    taken = [
        name
        for name in sorted(files)
        if name not in dropped
        and not _is_leftover(name, packages)
        and (name in owned or _top_name(name) not in names)
    ]
    return Tree(
        root,
        tuple(map(Path, taken)),
        tuple(sorted(kept, key=lambda each: each.name)),
        tuple(sorted(map(str, gone))),
    )


def _distributions(root: Path, files: Iterable[str]) -> list[Distribution]:
    own: defaultdict[str, list[str]] = defaultdict(list)
    for name in files:
        top, slash, _ = name.partition("/")
        if slash and is_dist_info(top):
            own[top].append(name)
    return [read_distribution(root, folder, own[folder]) for folder in sorted(own)]


def _walk(root: Path) -> Iterator[str]:
    """The paths of all files below `root`, with forward slashes; a link to a folder of the tree is walked like one.

    Not recursive: a tree can be deeper than Python's stack.
    """
    waiting: list[tuple[str, tuple[str, ...], bool]] = [("", (os.path.realpath(root),), False)]
    through_links = 0
    while waiting:
        folder, reals, linked = waiting.pop()
        for child in _children(reals[-1], root / folder):
            if child.name == "__pycache__":
                continue
            through_links += linked
            if through_links > _MOST_THROUGH_LINKS:
                # Thirty folders, each with two links to the next one, are a billion.
                msg = f"{root} has links to folders that multiply it to more than {_MOST_THROUGH_LINKS} files: remove them"
                raise WheelError(msg)
            name = f"{folder}{child.name}"
            if not _is_folder(child):
                yield name
            elif child.is_symlink():
                waiting.append((f"{name}/", (*reals, _target(child, reals, root / name)), True))
            else:
                waiting.append((f"{name}/", (*reals, child.path), linked))


def _target(link: os.DirEntry[str], reals: tuple[str, ...], shown: Path) -> str:
    """Where a link to a folder leads; `reals` are the folders that it lies in, the root first."""
    real = os.path.realpath(link)
    if not Path(real).is_relative_to(reals[0]):
        msg = f"{printable(shown)} is a link that leaves {reals[0]}: copy what it points to or leave it out"
        raise WheelError(msg)
    if real in reals:
        msg = f"{printable(shown)} is a link to a folder that it lies in: remove it"
        raise WheelError(msg)
    return real


def _children(folder: str, shown: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as children:
            return list(children)
    except OSError as error:
        msg = f"{printable(shown)} cannot be read: {error.strerror}"
        raise WheelError(msg) from None


def _is_folder(child: os.DirEntry[str]) -> bool:
    try:
        return child.is_dir()
    except OSError:
        return False  # a link in a circle, for example: reading it says what is wrong


def _is_leftover(name: str, packages: Container[str]) -> bool:
    top, _, inside = name.partition("/")
    if not inside:
        return top in _OF_THE_ENVIRONMENT
    if top in _NOT_FOR_LAMBDA:
        return top not in packages
    return top.endswith(DIST_INFO) and inside in _NOTES


def _top_name(name: str) -> str:
    """`boto3` for `boto3/session.py`, `six` for `six.py`."""
    top, slash, _ = name.partition("/")
    return canonicalize_name(top if slash else top.removesuffix(".py"))
