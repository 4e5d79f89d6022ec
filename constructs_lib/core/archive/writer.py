"""Entries in, bytes out: the one zip writer. The same entries give the same bytes everywhere.

Sorted names, one fixed time (1980-01-01), modes 0644 and 0755, no extra fields, no data descriptors, no
zip64, no folder entries, nothing before, between or behind the members. Format: PKWARE APPNOTE 6.3.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import struct
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.errors import StoreError, WheelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from io import FileIO

    from constructs_lib.core.archive.entry import Bytes, Entry

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_VERSION = 20  # deflate
_MADE_BY_UNIX = 3 << 8 | _VERSION  # so that the modes below are read
_UTF8 = 0x0800
_DATE = 1 << 5 | 1  # 1980-01-01, the format's zero
_REGULAR = 0o100000
_LARGEST = 0xFFFF_FFFF
_MOST = 0xFFFF
_BLOCK = 1 << 20


class Member(NamedTuple):
    """One file of a written archive. A named tuple: ten thousand are made in half the time of a frozen dataclass."""

    name: str
    size: int
    """Bytes once unpacked."""
    compressed: int
    """Bytes in the archive, without headers."""
    origin: str
    """File name of the wheel, or name of the folder, that brings it."""


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
    """Write `entries` to `path`, read them back and put the file in place only then. Meanwhile a thread hashes it.

    A StoreError says that the folder cannot be written; nothing half-written stays.
    """
    ordered = sorted(entries, key=lambda entry: entry.name.encode())
    if not ordered:
        msg = f"{path} would hold no file, and Lambda takes no empty archive"
        raise WheelError(msg)
    for one, other in itertools.pairwise(ordered):
        if one.name == other.name:
            msg = f"{path} would hold {one.name!r} twice, from {one.origin} and {other.origin}"
            raise WheelError(msg)
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        temporary = Path(name)
        digest = hashlib.sha256()
        with ThreadPoolExecutor(1, thread_name_prefix="hash") as pool:
            with os.fdopen(handle, "wb", buffering=0) as file:
                for block in _blocks(_pieces(ordered)):
                    pool.submit(digest.update, block)
                    _write_all(file, block)
                size = file.tell()
            _read_back(temporary, ordered)
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        msg = f"{path} cannot be written: {error.strerror}"
        raise StoreError(msg) from None
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()
    members = tuple([Member(each.name, each.size, len(each.data), each.origin) for each in ordered])
    return Archive(path, digest.hexdigest(), size, sum(each.size for each in ordered), len(ordered), members)


def _write_all(file: FileIO, block: Bytes | memoryview) -> None:
    rest = memoryview(block)
    while rest:
        rest = rest[file.write(rest) :]


def _blocks(pieces: Iterable[Bytes | memoryview]) -> Iterable[Bytes | memoryview]:
    """The same bytes in few blocks: each write and each update of a hash costs as much as a hundred small files."""
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
    central = []
    offset = 0
    for entry in entries:
        name = entry.name.encode()
        sizes = (entry.crc32, len(entry.data), entry.size)
        flags = 0 if name.isascii() else _UTF8
        common = (_VERSION, flags, entry.method, 0, _DATE, *sizes, len(name), 0)
        yield _LOCAL.pack(b"PK\3\4", *common) + name
        yield entry.data
        attributes = (_REGULAR | (0o755 if entry.executable else 0o644)) << 16
        central.append(_CENTRAL.pack(b"PK\1\2", _MADE_BY_UNIX, *common, 0, 0, 0, attributes, offset) + name)
        offset += _LOCAL.size + len(name) + len(entry.data)
        if offset > _LARGEST or len(central) > _MOST:
            msg = f"the archive would hold {len(entries)} files and more than 4 GB or 65 535 files need zip64"
            raise WheelError(msg)
    directory = b"".join(central)
    yield directory
    yield _END.pack(b"PK\5\6", 0, 0, len(central), len(central), len(directory), offset, 0)


def _read_back(path: Path, entries: Sequence[Entry]) -> None:
    """See what the directory on the disk lists; contents are covered by the entries' checksums.

    `zipfile` would add a quarter to the time that the whole archive takes; that it reads the same is for the tests.
    """
    found = list(_listed(path))
    wanted = [(entry.name, entry.crc32, len(entry.data), entry.size) for entry in entries]
    if found != wanted:
        odd = next(
            (pair for pair in zip(found, wanted, strict=False) if pair[0] != pair[1]),
            (len(found), len(wanted)),
        )
        msg = f"{path} does not read back as it was written: {odd}"
        raise WheelError(msg)


def _listed(path: Path) -> Iterator[tuple[str, int, int, int]]:
    """Name, checksum, packed and unpacked size, as far as the directory can be read."""
    with path.open("rb") as file, suppress(struct.error):
        file.seek(-_END.size, os.SEEK_END)
        *_, count, size, offset, _ = _END.unpack(file.read())
        file.seek(offset)
        directory, at = file.read(size), 0
        for _ in range(count):
            _, _, _, _, _, _, _, crc32, packed, unpacked, length, *_ = _CENTRAL.unpack_from(directory, at)
            at += _CENTRAL.size + length
            yield directory[at - length : at].decode(errors="replace"), crc32, packed, unpacked
