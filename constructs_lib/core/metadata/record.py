"""A distribution's own list of its files, RECORD, against the files that are there.

Source: the PyPA specification "Recording installed projects". Its hashes are not computed: the lock's sha256 and the
zip's checksums cover every byte already, and hashing all files costs a third of everything else that is looked at.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.archive.entry import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from constructs_lib.core.archive.reader import ZipMember

_RECORD = re.compile(r"[^/]+\.dist-info/RECORD")
# RECORD cannot hold its own hash, and signatures are made of it.
_UNLISTED = re.compile(r"[^/]+\.dist-info/RECORD(?:\.jws|\.p7s)?")


@dataclass(frozen=True)
class RecordGap:
    """That a distribution's files are not those of its RECORD."""

    files: int
    """How many differ."""
    first: str
    """The first of them, and how."""


def wheel_gap(members: Iterable[ZipMember], filename: str) -> RecordGap | None:
    """What the RECORD of the wheel `filename` with these members does not name, or with another size."""
    members = [each for each in members if not each.name.endswith("/")]
    record = next((each for each in members if _RECORD.fullmatch(each.name)), None)
    listed = {}
    if record is not None:
        name, method, crc32, size, _, data = record
        entry = Entry(name, False, method, crc32, size, data, filename)  # noqa: FBT003 - a value
        listed = listed_sizes(entry.content().decode("utf-8", "replace"))
    files = {each.name: each.size for each in members if not _UNLISTED.fullmatch(each.name)}
    unlisted = [f"{name} is not in it" for name in sorted(files.keys() - listed.keys())]
    return find_gap(listed, files.items(), unlisted)


def listed_sizes(text: str) -> dict[str, int | None]:
    """Path → bytes, by the rows of a RECORD up to one that makes no sense; None where it does not say."""
    import csv

    found: dict[str, int | None] = {}
    with suppress(csv.Error, ValueError):
        for row in csv.reader(text.splitlines()):
            if row:
                found[row[0].replace("\\", "/")] = int(row[2]) if len(row) > 2 and row[2] else None
    return found


def find_gap(
    listed: Mapping[str, int | None], files: Iterable[tuple[str, int]], unlisted: Iterable[str] = ()
) -> RecordGap | None:
    """Files (path and bytes) whose size is not the listed one, after what is known to be odd already."""
    resized = (
        f"{name} has {size} bytes, not {listed[name]}"
        for name, size in sorted(files)
        if listed.get(name) not in (None, size)
    )
    odd = [*unlisted, *resized]
    return RecordGap(len(odd), odd[0]) if odd else None
