"""Several wheels → one tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.errors import WheelError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs_lib.core.archive.entry import Entry


@dataclass(frozen=True)
class Conflict:
    """One path that two wheels bring with different content."""

    path: str
    kept: str
    dropped: str


def merge(groups: Iterable[list[Entry]]) -> tuple[list[Entry], list[Conflict]]:
    """Join the wheels' entries, given in the order of their distribution names.

    Where two bring one path with different content, the later distribution wins, as it would if they were
    installed in alphabetical order; with equal content they are simply one. A WheelError says where the
    tree could not be unpacked: one path as both file and folder, two that differ only in case, or one wheel
    with two contents for one path.
    """
    chosen: dict[str, Entry] = {}
    conflicts = []
    for entries in groups:
        for entry in entries:
            other = chosen.get(entry.name)
            if other is not None and (other.crc32, other.size) != (entry.crc32, entry.size):
                if other.origin == entry.origin:
                    msg = f"{entry.origin} brings {entry.name!r} twice, with different content"
                    raise WheelError(msg)
                conflicts.append(Conflict(entry.name, kept=entry.origin, dropped=other.origin))
            chosen[entry.name] = entry
    _refuse_unpackable(chosen)
    return list(chosen.values()), conflicts


def _refuse_unpackable(entries: dict[str, Entry]) -> None:
    folded: dict[str, Entry] = {}
    for entry in entries.values():
        other = folded.setdefault(entry.name.casefold(), entry)
        if other is not entry:
            msg = f"{other.origin} brings {other.name!r} and {entry.origin} {entry.name!r}: they differ only in case"
            raise WheelError(msg)
    for path in {name.rpartition("/")[0] for name in folded}:
        folder = path
        while folder:
            if (file := folded.get(folder)) is not None:
                msg = f"{file.origin} brings {file.name!r} as a file, another wheel as a folder"
                raise WheelError(msg)
            folder = folder.rpartition("/")[0]
