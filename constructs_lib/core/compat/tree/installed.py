"""An installed tree: its distributions, and the files of each."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from constructs_lib.core.compat.tree.distribution import DIST_INFO, is_dist_info, printable, read_distribution
from constructs_lib.core.errors import WheelError

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from constructs_lib.core.compat.tree.distribution import Distribution

# Notes of installers: they differ from tool to tool, and name folders of this machine.
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
# Files that belong to a virtual environment itself.
_OF_THE_ENVIRONMENT = frozenset({".lock", "_virtualenv.py", "_virtualenv.pth"})
# Scripts are not on Lambda's PATH, and headers are for compilers: the wheel route leaves both out as well.
_NOT_FOR_LAMBDA = ("bin", "include")
_MOST_THROUGH_LINKS = 10_000


@dataclass(frozen=True)
class Tree:
    """The files of a layer and the distributions they belong to."""

    root: Path
    files: tuple[Path, ...]
    """Relative to `root`, sorted, without leftovers and ignored distributions."""
    distributions: tuple[Distribution, ...]
    """The distributions that stay, sorted by name."""
    ignored: tuple[str, ...]
    """`name==version` of those that are left out."""

    @cached_property
    def owners(self) -> dict[Path, str]:
        """The distribution (`name==version`) of each file that a RECORD names."""
        recorded = {
            name: str(distribution) for distribution in self.distributions for name in distribution.files
        }
        return {path: recorded[name] for path in self.files if (name := path.as_posix()) in recorded}


def read_tree(root: Path, ignore: Iterable[str]) -> Tree:
    """Read the installed tree in `root`, without the distributions of these names (compared as PEP 503 does).

    A distribution's files are those of its RECORD, so `boto3` does not take `boto3_stubs` along, and a file that
    another distribution shares stays. Trees without dist-info exist: a file without a RECORD is left out if its top
    folder has such a name.
    """
    ignored_names = {canonicalize_name(name) for name in ignore}
    files = list(_walk(root))
    distributions = _distributions(root, files)
    kept_distributions = [
        distribution for distribution in distributions if distribution.name not in ignored_names
    ]
    ignored = [distribution for distribution in distributions if distribution.name in ignored_names]
    owned = {name for distribution in kept_distributions for name in distribution.files}
    dropped = {name for distribution in ignored for name in distribution.files} - owned
    packages = {top for top in _NOT_FOR_LAMBDA if f"{top}/__init__.py" in files}
    layer_files = [
        name
        for name in sorted(files)
        if name not in dropped
        and not _is_leftover(name, packages)
        and (name in owned or _top_name(name) not in ignored_names)
    ]
    return Tree(
        root,
        tuple(map(Path, layer_files)),
        tuple(sorted(kept_distributions, key=attrgetter("name"))),
        tuple(sorted(map(str, ignored))),
    )


def _distributions(root: Path, files: Iterable[str]) -> list[Distribution]:
    notes: defaultdict[str, list[str]] = defaultdict(list)
    for name in files:
        top, slash, _ = name.partition("/")
        if slash and is_dist_info(top):
            notes[top].append(name)
    return [read_distribution(root, folder, notes[folder]) for folder in sorted(notes)]


def _walk(root: Path) -> Iterator[str]:
    """Yield the paths of all files below `root`, with forward slashes; links to folders of the tree are followed.

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
                # Thirty folders, each with two links to the next one, make a billion paths.
                raise WheelError(
                    "link-cycle",
                    f"{root} has links to folders that multiply it to more than {_MOST_THROUGH_LINKS} files: remove them",
                )
            name = f"{folder}{child.name}"
            if not _is_folder(child):
                yield name
            elif child.is_symlink():
                waiting.append((f"{name}/", (*reals, _target(child, reals, root / name)), True))
            else:
                waiting.append((f"{name}/", (*reals, child.path), linked))


def _target(link: os.DirEntry[str], reals: tuple[str, ...], shown: Path) -> str:
    """Return the folder that a link leads to; `reals` are the folders around the link, the root first."""
    real = os.path.realpath(link)
    if not Path(real).is_relative_to(reals[0]):
        raise WheelError(
            "link-outside",
            f"{printable(shown)} is a link that leaves {reals[0]}: copy its target or leave it out",
        )
    if real in reals:
        raise WheelError("link-cycle", f"{printable(shown)} is a link to a folder around it: remove it")
    return real


def _children(folder: str, shown: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as children:
            return list(children)
    except OSError as error:
        raise WheelError("file-unreadable", f"{printable(shown)} cannot be read: {error.strerror}") from None


def _is_folder(child: os.DirEntry[str]) -> bool:
    try:
        return child.is_dir()
    except OSError:
        return False  # a link in a circle, for example: reading the file raises the error


def _is_leftover(name: str, packages: Container[str]) -> bool:
    top, _, inside = name.partition("/")
    if not inside:
        return top in _OF_THE_ENVIRONMENT
    if top in _NOT_FOR_LAMBDA:
        return top not in packages
    return top.endswith(DIST_INFO) and inside in _NOTES


def _top_name(name: str) -> str:
    """Return `boto3` for `boto3/session.py`, `six` for `six.py`."""
    top, slash, _ = name.partition("/")
    return canonicalize_name(top if slash else top.removesuffix(".py"))
