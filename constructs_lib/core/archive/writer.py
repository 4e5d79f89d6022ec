"""Write entries as a zip: the same entries give the same bytes everywhere.

Sorted names, one fixed time (1980-01-01), modes 0644 and 0755, no extra fields, no data descriptors, no
zip64, no folder entries, nothing before, between or behind the members. Format: PKWARE APPNOTE 6.3, see `records`.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import struct
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.archive.records import (
    CENTRAL,
    CENTRAL_SIGNATURE,
    END,
    END_SIGNATURE,
    LOCAL,
    LOCAL_SIGNATURE,
    MAX_UINT16,
    MAX_UINT32,
    UTF8_NAME,
    EndRecord,
    central_headers,
)
from constructs_lib.core.errors import WheelError
from constructs_lib.core.system.files import atomic_write

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from constructs_lib.core.archive.entry import Bytes, Entry

_VERSION = 20  # 2.0: deflate
_MADE_BY_UNIX = 3 << 8 | _VERSION  # so that readers use the modes below
_TIME, _DATE = 0, 1 << 5 | 1  # 1980-01-01, the earliest that the format has
_REGULAR_FILE = 0o100000
_BLOCK = 1 << 20


class Member(NamedTuple):
    """One file of a written archive. A named tuple: ten thousand are made in half the time of a frozen dataclass."""

    name: str
    size: int
    """Bytes once unpacked."""
    compressed: int
    """Bytes in the archive, without headers."""
    origin: str
    """The name of the archive or folder that the file comes from."""


@dataclass(frozen=True)
class Archive:
    """A written archive."""

    path: Path
    sha256: str
    """Lower-case hex over the archive's bytes: its identity."""
    size: int
    unzipped: int
    """Bytes of all files once unpacked."""
    files: int
    members: tuple[Member, ...] = field(repr=False)
    """In the archive's order."""


def write_archive(entries: Iterable[Entry], path: Path) -> Archive:
    """Write `entries` to `path`, which is replaced only after the new archive was read back.

    Raises a WheelError for no entry, two of one name, or more than a plain zip holds, and a StoreError where the
    folder cannot be written; nothing half-written stays.
    """
    ordered = sorted(entries, key=lambda entry: entry.name.encode())
    _refuse_unfit(ordered, path)
    digest = hashlib.sha256()
    # The thread hashes a block while the next one is written, and its last ones while the directory is read back.
    with atomic_write(path) as file, ThreadPoolExecutor(1, thread_name_prefix="hash") as pool:
        for block in _blocks(_pieces(ordered)):
            pool.submit(digest.update, block)
            file.write(block)
        size = file.tell()
        _read_back(file, ordered, path)
    members = tuple([Member(entry.name, entry.size, len(entry.data), entry.origin) for entry in ordered])
    unzipped = sum(entry.size for entry in ordered)
    return Archive(path, digest.hexdigest(), size, unzipped, len(ordered), members)


def _refuse_unfit(ordered: Sequence[Entry], path: Path) -> None:
    if not ordered:
        raise WheelError("archive-empty", f"{path} would hold no file, and Lambda accepts no empty archive")
    for entry, following in itertools.pairwise(ordered):
        if entry.name == following.name:
            raise WheelError(
                "path-duplicate",
                f"{path} would hold {entry.name!r} twice, from {entry.origin} and {following.origin}",
            )


def _blocks(pieces: Iterable[Bytes | memoryview]) -> Iterable[Bytes | memoryview]:
    """Join small pieces: each write and each update of a hash costs as much as a hundred small files."""
    block: list[Bytes | memoryview] = []
    length = 0
    for piece in pieces:
        block.append(piece)
        length += len(piece)
        if length >= _BLOCK:
            yield piece if len(block) == 1 else b"".join(block)
            block, length = [], 0
    yield b"".join(block)


def _pieces(entries: Sequence[Entry]) -> Iterable[Bytes | memoryview]:
    """Yield headers and data of all members, then the directory and the end record."""
    central = []
    offset = 0
    for entry in entries:
        name = entry.name.encode()
        flags = 0 if name.isascii() else UTF8_NAME
        packed_size, name_length, extra_length = len(entry.data), len(name), 0
        # The fields that both headers have, in the order of `LocalHeader` and of `CentralHeader`.
        common = (_VERSION, flags, entry.method, _TIME, _DATE)
        shared = (*common, entry.crc32, packed_size, entry.size, name_length, extra_length)
        yield LOCAL.pack(LOCAL_SIGNATURE, *shared) + name
        yield entry.data
        comment_length = disk = internal_attributes = 0
        attributes = (_REGULAR_FILE | (0o755 if entry.executable else 0o644)) << 16
        tail = (comment_length, disk, internal_attributes, attributes, offset)
        central.append(CENTRAL.pack(CENTRAL_SIGNATURE, _MADE_BY_UNIX, *shared, *tail) + name)
        offset += LOCAL.size + name_length + packed_size
        if offset > MAX_UINT32 or len(central) > MAX_UINT16:
            raise WheelError(
                "archive-too-large",
                f"the archive would hold {len(entries)} files; more than 65 535 files or 4 GB need zip64, which is "
                f"not written: leave files out",
            )
    directory = b"".join(central)
    yield directory
    yield END.pack(END_SIGNATURE, 0, 0, len(central), len(central), len(directory), offset, 0)


def _read_back(file: BinaryIO, entries: Sequence[Entry], path: Path) -> None:
    """Compare what the written directory lists; the contents are covered by the entries' checksums.

    Not by `zipfile`, which would add a quarter to the time of the whole archive.
    """
    listed = list(_listed(file))
    expected = [(entry.name.encode(), entry.crc32, len(entry.data), entry.size) for entry in entries]
    if listed != expected:
        pairs = zip(listed, expected, strict=False)
        difference = next((pair for pair in pairs if pair[0] != pair[1]), (len(listed), len(expected)))
        raise WheelError(
            "archive-damaged",
            f"{path} does not read back as it was written: {difference}; is the disk sound?",
        )


def _listed(file: BinaryIO) -> Iterator[tuple[bytes, int, int, int]]:
    """Yield name, checksum, packed size and size of each member, as far as the directory can be read."""
    with suppress(struct.error, ValueError):
        file.seek(-END.size, os.SEEK_END)
        end = EndRecord.unpack(file.read(), 0)
        file.seek(end.directory_offset)
        for _, header, name, _ in central_headers(file.read(end.directory_size), end.member_count):
            yield name, header.crc32, header.packed_size, header.size
