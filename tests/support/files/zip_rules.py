"""What the strictest readers demand of a zip, and what our own writer promises. Each rule names who has it.

Readers: `java.util.zip.ZipFile` (reads the directory), `java.util.zip.ZipInputStream` (reads local headers as they
come), Go's `archive/zip`. Format: PKWARE APPNOTE 6.3.
"""

from __future__ import annotations

import io
import struct
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LOCAL, CENTRAL, END = 30, 46, 22
FIELDS = [
    "version",
    "flags",
    "method",
    "time",
    "date",
    "crc32",
    "packed",
    "size",
    "name_length",
    "extra_length",
]
MODES = {0o100644, 0o100755}


@dataclass(frozen=True)
class Header:
    """Both headers of one member, and its data."""

    offset: int
    name: bytes
    central: dict[str, int]
    local: dict[str, int]
    local_name: bytes
    data: bytes

    @property
    def length(self) -> int:
        """In the file: local header, name, extra field, data."""
        return LOCAL + self.local["name_length"] + self.local["extra_length"] + len(self.data)


def breaches(content: bytes) -> list[str]:
    """Return the archive's faults, one line each; none for one that every reader takes."""
    if content[-END:-18] != b"PK\5\6":
        return ["Java ZipFile, Go: no end record at the very end"]
    fields = struct.unpack("<4H2LH", content[-18:])
    disk, first_disk, here, count, size, offset, comment = fields
    found = [
        *([] if disk == first_disk == 0 and here == count else ["Java ZipFile: more than one disk"]),
        *([] if comment == 0 else ["ours: a comment"]),
        *([] if content[-END - 20 : -END - 16] != b"PK\6\7" else ["ours: zip64"]),
        *(
            []
            if offset + size + END == len(content)
            else ["Java ZipFile: the directory is not before the end"]
        ),
    ]
    if found:
        return found
    headers = list(read_headers(content, offset, offset + size))
    found += [f"{header.name!r}: {line}" for header in headers for line in member_breaches(header)]
    return [*found, *archive_breaches(headers, count, offset)]


def read_headers(content: bytes, at: int, end: int) -> Iterator[Header]:
    while at < end:
        assert content[at : at + 4] == b"PK\1\2", "Java ZipFile: bad signature of a directory header"
        central = dict(zip(["made", *FIELDS], struct.unpack_from("<6H3L2H", content, at + 4), strict=True))
        rest = struct.unpack_from("<3H2L", content, at + 32)
        central |= dict(zip(("comment", "disk", "internal", "external", "offset"), rest, strict=True))
        name = content[at + CENTRAL :][: central["name_length"]]
        start = central["offset"]
        assert content[start : start + 4] == b"PK\3\4", "Go findBodyOffset: no local header at the offset"
        local = dict(zip(FIELDS, struct.unpack_from("<5H3L2H", content, start + 4), strict=True))
        name_end = start + LOCAL + local["name_length"]
        data = name_end + local["extra_length"]
        yield Header(
            start,
            name,
            central,
            local,
            content[start + LOCAL : name_end],
            content[data : data + central["packed"]],
        )
        at += CENTRAL + central["name_length"] + central["extra_length"] + central["comment"]


def member_breaches(header: Header) -> Iterator[str]:
    central = header.central
    wanted = {field: central[field] for field in FIELDS}
    if header.local != wanted or header.local_name != header.name:
        yield "ZipInputStream: the local header says something else than the directory"
    if central["flags"] & 0x1:
        yield "Java checkAndAddEntry: encrypted"
    if central["method"] not in (0, 8):
        yield "Java checkAndAddEntry: neither stored nor deflated"
    if CENTRAL + central["name_length"] + central["extra_length"] + central["comment"] > 0xFFFF:
        yield "Java checkAndAddEntry: a directory header over 65,535 bytes"
    if central["flags"] & 0x8:
        yield "ZipInputStream: a data descriptor"
    yield from own_breaches(header)
    yield from name_breaches(header.name)
    yield from data_breaches(header)


def own_breaches(header: Header) -> Iterator[str]:
    """Yield the breaches of our own rules, which are stricter than any reader's."""
    central = header.central
    if central["extra_length"] or central["comment"] or central["disk"] or central["internal"]:
        yield "ours: an extra field, a comment, a disk or an attribute"
    if central["flags"] != (0 if header.name.isascii() else 0x800):
        yield "ours: flagged as UTF-8 if and only if it is not ASCII"
    if (central["made"], central["version"]) != (3 << 8 | 20, 20):
        yield "ours: made by Unix, version 2.0"
    if central["external"] >> 16 not in MODES or central["external"] & 0xFFFF:
        yield "ours: mode 0644 or 0755"
    day, month = central["date"] & 31, central["date"] >> 5 & 15
    if not (1 <= month <= 12 and 1 <= day <= 31) or (central["date"], central["time"]) != (33, 0):
        yield "Java, Go: an MS-DOS date that exists; ours: the first of January 1980"


def name_breaches(raw: bytes) -> Iterator[str]:
    try:
        name = raw.decode()
    except UnicodeDecodeError:
        yield "Java ZipCoder: not UTF-8"
        return
    if name.startswith("/") or "\\" in name or not {"", ".", ".."}.isdisjoint(name.split("/")):
        yield "Go ErrInsecurePath, fs.ValidPath: absolute, a backslash, an empty or dotted part"
    if not all(map(_is_visible, name)):
        yield "ours: no control characters"


def _is_visible(letter: str) -> bool:
    return unicodedata.category(letter) not in {"Cc", "Cs"}


def data_breaches(header: Header) -> Iterator[str]:
    data = header.data
    if header.central["method"] == 8:
        unpacker = zlib.decompressobj(-15)
        data = unpacker.decompress(data)
        if not unpacker.eof or unpacker.unused_data:
            yield "ZipInputStream: the compressed size is not where deflate ends"
    if len(data) != header.central["size"] or len(header.data) != header.central["packed"]:
        yield "Go checksumReader, ZipInputStream: another size than promised"
    if zlib.crc32(data) != header.central["crc32"]:
        yield "Go checksumReader, ZipInputStream: another checksum than promised"


def archive_breaches(headers: Sequence[Header], count: int, directory: int) -> Iterator[str]:
    if len(headers) != count:
        yield "Java initCEN, Go Reader.init: another number of members than promised"
    names = [header.name for header in headers]
    if names != sorted(names):
        yield "ours: sorted by bytes"
    ends = [0, *(header.offset + header.length for header in headers)]
    if ends != [*(header.offset for header in headers), directory]:
        yield "Java ZipFile: members overlap; ours: nothing before, between or behind them"
    folded = {name.decode(errors="replace").casefold() for name in names}
    if len(folded) != len(names):
        yield "Go initFileList: one path twice; ours: nor two that differ only in case"
    folders = {
        "/".join(parts[:end])
        for parts in (name.split("/") for name in folded)
        for end in range(1, len(parts))
    }
    if folders & folded:
        yield "Go initFileList: one path as file and folder"


def streamed(content: bytes) -> dict[str, bytes]:
    """Read the archive without its directory, as ZipInputStream does."""
    found, at = {}, 0
    while content[at : at + 4] == b"PK\3\4":
        _, flags, method, _, _, _, packed, _, name, extra = struct.unpack_from("<5H3L2H", content, at + 4)
        assert not flags & 0x8
        start = at + LOCAL + name + extra
        data = content[start : start + packed]
        found[content[at + LOCAL :][:name].decode()] = zlib.decompress(data, -15) if method else data
        at = start + packed
    return found


def read_by_python(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}
