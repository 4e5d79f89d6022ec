"""Groups of entries joined into one tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.archive.entry import composed
from constructs_lib.core.errors import WheelError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs_lib.core.archive.entry import Entry


class Conflict(NamedTuple):
    """A path that two groups have with different content."""

    path: str
    kept: str
    dropped: str


def merge(groups: Iterable[list[Entry]]) -> tuple[list[Entry], list[Conflict]]:
    """Join the groups and return the entries with the conflicts between groups.

    Where two groups have one path with different content, the later group wins, as it would if they were installed
    one after the other. Raises a WheelError where the tree could not be unpacked: one path as both file and folder,
    two paths that differ only in case or in the form of Unicode, or one path with two contents in one group.
    """
    chosen: dict[str, Entry] = {}
    conflicts = []
    for entries in groups:
        for entry in entries:
            earlier = chosen.get(entry.name)
            if earlier is not None and not _is_equal(earlier, entry):
                if earlier.origin == entry.origin:
                    raise WheelError(
                        "path-duplicate",
                        f"{entry.origin} contains {entry.name!r} twice, with different content",
                    )
                conflicts.append(Conflict(entry.name, kept=entry.origin, dropped=earlier.origin))
            chosen[entry.name] = entry
    _refuse_unpackable(chosen)
    return list(chosen.values()), conflicts


def _is_equal(entry: Entry, twin: Entry) -> bool:
    """Compare the bytes: another content with the same checksum can be made."""
    if (entry.crc32, entry.size) != (twin.crc32, twin.size):
        return False
    same_data = entry.method == twin.method and bytes(entry.data) == bytes(twin.data)
    return same_data or entry.content() == twin.content()


def _refuse_unpackable(entries: dict[str, Entry]) -> None:
    folded: dict[str, Entry] = {}
    for entry in entries.values():
        twin = folded.setdefault(composed(entry.name).casefold(), entry)
        if twin is not entry:
            raise WheelError(
                "path-conflict",
                f"{twin.origin} contains {twin.name!r} and {entry.origin} {entry.name!r}: they differ only in case or "
                f"in the form of Unicode",
            )
    for path in {name.rpartition("/")[0] for name in folded}:
        folder = path
        while folder:
            if (file := folded.get(folder)) is not None:
                raise WheelError(
                    "path-conflict",
                    f"{file.origin} contains {file.name!r} as a file, others need a folder of that name",
                )
            folder = folder.rpartition("/")[0]
