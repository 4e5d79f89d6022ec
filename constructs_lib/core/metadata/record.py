"""The comparison of a distribution's RECORD with its files.

Source: the PyPA specification "Recording installed projects". Its hashes are not computed: the lock's sha256 and the
zip's checksums cover every byte already, and hashing all files takes a third of the time of all other checks.
"""

from __future__ import annotations

import io
import re
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.archive.entry import Entry, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from constructs_lib.core.archive.reader import ZipMember

_RECORD = re.compile(r"[^/]+\.dist-info/RECORD")
# RECORD cannot hold its own hash, and its signatures are made later.
_UNLISTED = re.compile(r"[^/]+\.dist-info/RECORD(?:\.jws|\.p7s)?")


class RecordGap(NamedTuple):
    """The difference between a distribution's files and its RECORD."""

    files: int
    """The number of files that differ."""
    first: str
    """The first of them and its difference."""


def wheel_gap(members: Iterable[ZipMember], filename: str) -> RecordGap | None:
    """Return the files of the wheel `filename` that its RECORD lacks or has with another size."""
    members = [member for member in members if not member.name.endswith("/")]
    record = next((member for member in members if _RECORD.fullmatch(member.name)), None)
    listed = {}
    if record is not None:
        name, method, crc32, size, _, data = record
        entry = Entry(name, False, method, crc32, size, data, filename)  # noqa: FBT003 - a value
        listed = listed_sizes(entry.content().decode("utf-8", "replace"))
    files = {member.name: member.size for member in members if not _UNLISTED.fullmatch(member.name)}
    unlisted = [f"{shown(name)} is not in it" for name in sorted(files.keys() - listed.keys())]
    return find_gap(listed, files.items(), unlisted)


def listed_sizes(text: str) -> dict[str, int | None]:
    """Return the bytes of each path in a RECORD, up to its first invalid row; None for a row without a size."""
    import csv  # 0.5 ms of a build with a full store, which has a note of each wheel

    sizes: dict[str, int | None] = {}
    with suppress(csv.Error, ValueError):
        # Not `splitlines`, which makes a list of millions of lines of a file made for it.
        for row in csv.reader(io.StringIO(text, newline=None)):
            if row:
                sizes[row[0].replace("\\", "/")] = int(row[2]) if len(row) > 2 and row[2] else None
    return sizes


def find_gap(
    listed: Mapping[str, int | None], files: Iterable[tuple[str, int]], unlisted: Iterable[str] = ()
) -> RecordGap | None:
    """Return the gap of the `unlisted` texts and of the files (path and bytes) whose size is not the listed one."""
    resized = (
        f"{shown(name)} has {size} bytes, not {listed[name]}"
        for name, size in sorted(files)
        if listed.get(name) not in (None, size)
    )
    differences = [*unlisted, *resized]
    return RecordGap(len(differences), differences[0]) if differences else None
