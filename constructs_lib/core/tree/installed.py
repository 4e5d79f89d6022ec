"""What an installer left in a folder: distributions, and which file belongs to which.

Source: the PyPA specifications "Recording installed projects" and "Binary distribution format".
"""

from __future__ import annotations

import csv
import json
import os
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from packaging.tags import InvalidTag, Tag, parse_tag
from packaging.utils import canonicalize_name

from constructs_lib.core.errors import WheelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_DIST_INFO = ".dist-info"
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
class Distribution:
    """One installed distribution."""

    name: str
    """Normalized (PEP 503)."""
    version: str
    folder: Path
    """Its dist-info, relative to the tree."""
    files: frozenset[Path]
    """What its RECORD names inside the tree, and its dist-info."""
    tags: frozenset[Tag]
    """For which Pythons and platforms it was built; empty where it does not say."""
    editable: bool

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


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

    def owners(self) -> dict[Path, str]:
        """File → the distribution that brought it, where one says so."""
        return {path: str(each) for each in self.distributions for path in each.files}


def read_tree(root: Path, ignore: Iterable[str]) -> Tree:
    """Look at the installed tree in `root`, less the distributions of these names (as PEP 503 compares them).

    A distribution's files are those of its RECORD, so `boto3` does not take `boto3_stubs` along, and a file
    that a kept distribution shares stays. What no RECORD names is ignored if it stands at the top under such a
    name: trees without dist-info exist.
    """
    names = {canonicalize_name(name) for name in ignore}
    files = list(_walk(root))
    found = [_distribution(root, path, files) for path in _dist_infos(files)]
    kept = [each for each in found if each.name not in names]
    gone = [each for each in found if each.name in names]
    owned = {path for each in kept for path in each.files}
    dropped = {path for each in gone for path in each.files} - owned
    packages = {path.parts[0] for path in files if path.name == "__init__.py" and len(path.parts) == 2}
    taken = [
        path
        for path in files
        if path not in dropped
        and not _is_leftover(path, packages)
        and (path in owned or _top_name(path) not in names)
    ]
    return Tree(
        root,
        tuple(sorted(taken, key=Path.as_posix)),
        tuple(sorted(kept, key=lambda each: each.name)),
        tuple(sorted(map(str, gone))),
    )


def _walk(root: Path) -> Iterator[Path]:
    """Every file below `root`; a link to a folder of the tree is walked like a folder.

    Not recursive: a tree can be deeper than Python's stack.
    """
    waiting: list[tuple[Path, tuple[str, ...], bool]] = [(Path(), (os.path.realpath(root),), False)]
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
            path = folder / child.name
            if not _is_folder(child):
                yield path
            elif child.is_symlink():
                waiting.append((path, (*reals, _target(child, reals, root / path)), True))
            else:
                waiting.append((path, (*reals, child.path), linked))


def _target(link: os.DirEntry[str], reals: tuple[str, ...], shown: Path) -> str:
    """Where a link to a folder leads; `reals` are the folders that it lies in, the root first."""
    real = os.path.realpath(link)
    if not Path(real).is_relative_to(reals[0]):
        msg = f"{_shown(shown)} is a link that leaves {reals[0]}: copy what it points to or leave it out"
        raise WheelError(msg)
    if real in reals:
        msg = f"{_shown(shown)} is a link to a folder that it lies in: remove it"
        raise WheelError(msg)
    return real


def _children(folder: str, shown: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as children:
            return list(children)
    except OSError as error:
        msg = f"{_shown(shown)} cannot be read: {error.strerror}"
        raise WheelError(msg) from None


def _is_folder(child: os.DirEntry[str]) -> bool:
    try:
        return child.is_dir()
    except OSError:
        return False  # a link in a circle, for example: reading it says what is wrong


def _shown(path: Path) -> str:
    """On one line, whatever letters the name is made of."""
    text = str(path)
    return text if text.isprintable() else repr(text)


def _is_leftover(path: Path, packages: set[str]) -> bool:
    top = path.parts[0]
    if len(path.parts) == 1:
        return top in _OF_THE_ENVIRONMENT
    if top in _NOT_FOR_LAMBDA:
        return top not in packages
    return len(path.parts) == 2 and top.endswith(_DIST_INFO) and path.name in _NOTES


def _top_name(path: Path) -> str:
    """`boto3` for `boto3/session.py`, `six` for `six.py`."""
    top = path.parts[0]
    return canonicalize_name(top.removesuffix(".py") if len(path.parts) == 1 else top)


def _dist_infos(files: Iterable[Path]) -> list[Path]:
    return sorted({path.parent for path in files if len(path.parts) == 2 and _is_dist_info(path.parent.name)})


def _is_dist_info(name: str) -> bool:
    return name.endswith(_DIST_INFO) and "-" in name.removesuffix(_DIST_INFO)


def _distribution(root: Path, folder: Path, files: Iterable[Path]) -> Distribution:
    name, _, version = folder.name.removesuffix(_DIST_INFO).partition("-")
    metadata = HeaderParser().parsestr(_text(root / folder / "METADATA"))
    own = {path for path in files if path.parts[0] == folder.name}
    return Distribution(
        canonicalize_name(metadata.get("Name") or name),
        metadata.get("Version") or version,
        folder,
        frozenset(own | set(_recorded(_text(root / folder / "RECORD")))),
        frozenset(_tags(_text(root / folder / "WHEEL"))),
        _is_editable(_text(root / folder / "direct_url.json")),
    )


def _recorded(text: str) -> Iterator[Path]:
    for row in _rows(text):
        path = PurePosixPath(row[0].replace("\\", "/")) if row else PurePosixPath()
        # pip's `--target` moves what RECORD names as `../../share/x` to `share/x` of the tree.
        parts = [part for part in path.parts if part != ".."]
        if parts and not path.is_absolute():
            yield Path(*parts)


def _rows(text: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(text.splitlines())
    except csv.Error:
        return  # a zero byte, a field without end: what follows is nobody's


def _tags(text: str) -> Iterator[Tag]:
    for line in HeaderParser().parsestr(text).get_all("Tag") or ():
        try:
            yield from parse_tag(line.strip())
        except (InvalidTag, ValueError):
            continue


def _is_editable(text: str) -> bool:
    try:
        return bool(json.loads(text).get("dir_info", {}).get("editable")) if text else False
    except (ValueError, AttributeError):
        return False


def _text(path: Path) -> str:
    """The file's text; empty where it is missing or no file: reading from a pipe could take for ever."""
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    except OSError as error:
        msg = f"{_shown(path)} cannot be read: {error.strerror}"
        raise WheelError(msg) from None
