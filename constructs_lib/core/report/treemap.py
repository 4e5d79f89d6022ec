"""The files of a layer → the boxes of a treemap: distribution, folder, file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from constructs_lib.core.target import LAYER_ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_lib.core.archive.writer import Member
    from constructs_lib.core.report.layer_report import LayerReport

MOST_CHILDREN = 24
"""Boxes inside one box; smaller ones become one box together. Ten thousand files would be slow and unreadable."""
SMALLEST = 1 / 20_000
"""Share of the layer below which a box is too small to be seen."""


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
    """A rectangle; its values are those of everything inside it."""

    label: str
    parent: int
    """Position of the box it lies in; -1 for the outermost."""
    unzipped: int
    zipped: int
    files: int


def boxes(report: LayerReport) -> list[Box]:
    """The outermost box first, parents before children."""
    found = [_sum(report.title, -1, [member for row in report.rows for member in row.members])]
    least = report.archive.unzipped * SMALLEST
    for row in report.rows:
        folder = _Folder()
        for member in row.members:
            folder.add(member.name.removeprefix(LAYER_ROOT), member)
        _place(found, " ".join(filter(None, [row.name, row.version])), 0, folder, least)
    return found


def _place(found: list[Box], label: str, parent: int, folder: _Folder, least: float) -> None:
    waiting = [(label, parent, folder)]
    while waiting:  # not recursive: paths can be deep
        label, parent, folder = waiting.pop()
        position = len(found)
        found.append(_sum(label, parent, list(_members(folder))))
        children: list[tuple[str, list[Member], _Folder | None]] = [
            *((name, [member], None) for name, member in folder.files),
            *((name, list(_members(inner)), inner) for name, inner in folder.folders.items()),
        ]
        children.sort(key=lambda child: (-_size(child[1]), child[0]))
        shown = [child for child in children[:MOST_CHILDREN] if _size(child[1]) >= least]
        rest = [member for child in children[len(shown) :] for member in child[1]]
        for name, members, inner in shown:
            if inner is None:
                found.append(_sum(name, position, members))
            else:
                waiting.append(_short(name, inner, position))
        if rest and shown:
            found.append(_sum(f"{len(rest):,} smaller file{'s' * (len(rest) > 1)}", position, rest))


def _short(name: str, folder: _Folder, parent: int) -> tuple[str, int, _Folder]:
    """A folder that holds one folder and nothing else is shown with it as one box."""
    while not folder.files and len(folder.folders) == 1:
        [(inner, folder)] = folder.folders.items()
        name = f"{name}/{inner}"
    return name, parent, folder


def _members(folder: _Folder) -> Iterator[Member]:
    waiting = [folder]
    while waiting:
        each = waiting.pop()
        yield from (member for _, member in each.files)
        waiting.extend(each.folders.values())


def _size(members: list[Member]) -> int:
    return sum(member.size for member in members)


def _sum(label: str, parent: int, members: list[Member]) -> Box:
    return Box(label, parent, _size(members), sum(each.compressed for each in members), len(members))
