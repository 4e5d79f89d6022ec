"""The boxes of a treemap of a layer's files: distribution, folder, file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_lib.core.archive.writer import Member
    from constructs_lib.core.report.layer_report import LayerReport

MAX_CHILDREN = 24
"""Boxes inside one box; smaller ones become one box together. Ten thousand files would be slow and unreadable."""
SMALLEST = 1 / 20_000
"""Share of the layer below which a box is too small to be seen."""
OUTERMOST = 0
"""Position of the box that holds all others."""


@dataclass
class _Folder:
    files: list[tuple[str, Member]] = field(default_factory=list)
    folders: dict[str, _Folder] = field(default_factory=dict)

    def add(self, path: str, member: Member) -> None:
        *parents, name = path.split("/")
        folder = self
        for parent in parents:
            folder = folder.folders.setdefault(parent, _Folder())
        folder.files.append((name, member))


@dataclass(frozen=True)
class Box:
    """A rectangle; its values are the sums of everything inside it."""

    label: str
    parent: int
    """Position of the box around it; -1 for the outermost."""
    unzipped: int
    zipped: int
    files: int


def boxes(report: LayerReport) -> list[Box]:
    """Return the outermost box first, parents before children."""
    tree = [_sum(report.title, -1, [member for row in report.rows for member in row.members])]
    min_size = report.archive.unzipped * SMALLEST
    for row in report.rows:
        folder = _Folder()
        for member in row.members:
            folder.add(report.shown_path(member), member)
        _add_folder(tree, " ".join(filter(None, [row.name, row.version])), folder, min_size)
    return tree


def _add_folder(tree: list[Box], label: str, folder: _Folder, min_size: float) -> None:
    queue = [(label, OUTERMOST, folder)]
    while queue:  # not recursive: paths can be deep
        label, parent, folder = queue.pop()
        position = len(tree)
        tree.append(_sum(label, parent, list(_members(folder))))
        children: list[tuple[str, list[Member], _Folder | None]] = [
            *((name, [member], None) for name, member in folder.files),
            *((name, list(_members(inner)), inner) for name, inner in folder.folders.items()),
        ]
        children.sort(key=lambda child: (-_size(child[1]), child[0]))
        shown = [child for child in children[:MAX_CHILDREN] if _size(child[1]) >= min_size]
        small = [member for child in children[len(shown) :] for member in child[1]]
        for name, members, inner in shown:
            if inner is None:
                tree.append(_sum(name, position, members))
            else:
                queue.append(_join_single_folders(name, inner, position))
        if small and shown:
            tree.append(_sum(f"{len(small):,} smaller file{'s' * (len(small) > 1)}", position, small))


def _join_single_folders(name: str, folder: _Folder, parent: int) -> tuple[str, int, _Folder]:
    """Join a folder with its only content, a folder, to one box `name/inner`."""
    while not folder.files and len(folder.folders) == 1:
        [(inner, folder)] = folder.folders.items()
        name = f"{name}/{inner}"
    return name, parent, folder


def _members(folder: _Folder) -> Iterator[Member]:
    queue = [folder]
    while queue:
        inner = queue.pop()
        yield from (member for _, member in inner.files)
        queue.extend(inner.folders.values())


def _size(members: list[Member]) -> int:
    return sum(member.size for member in members)


def _sum(label: str, parent: int, members: list[Member]) -> Box:
    return Box(label, parent, _size(members), sum(member.compressed for member in members), len(members))
