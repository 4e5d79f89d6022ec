"""A wheel's bytes → the members of its zip, where all readers of zips agree on them.

One reader believes the directory at the end, another the header before each file, a third takes whatever it
comes across; a wheel made for it shows each something else. So both kinds of header have to say the same here,
and the members have to fill the file without gap and overlap. That is how PyPI checks uploads (its page "Archive
Formats"), except that data descriptors, zip64 records and comments, which wheels of old have, are read.
Format: PKWARE APPNOTE 6.3. Not `zipfile`: what it takes and how it reads names differs with the Python.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.archive.entry import DEFLATED, STORED
from constructs_lib.core.errors import WheelError

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCAL = struct.Struct("<4s2x2H4x3L2H")
_CENTRAL = struct.Struct("<4s4x2H4x3L4H2x2L")
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ4x2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_LONGEST_COMMENT = 0xFFFF
_IN_ZIP64 = 0xFFFF_FFFF  # in place of a size: the zip64 field has it

_ENCRYPTED = 0x1
_DESCRIPTOR = 0x8
_UTF8 = 0x800
_UNDERSTOOD = 0x6 | _DESCRIPTOR | _UTF8  # 0x6: how hard deflate tried
_ZIP64_FIELD = 0x0001
_UNICODE_PATH_FIELD = 0x7075
# With and without a signature, for files below and above 4 GB; the longest first, which is the sure one.
_DESCRIPTORS = tuple((mark, struct.Struct(form)) for form in ("<L2Q", "<3L") for mark in (b"PK\x07\x08", b""))


class ZipMember(NamedTuple):
    """A member as the zip holds it."""

    name: str
    method: int
    crc32: int
    size: int
    """Bytes once unpacked."""
    mode: int
    """As of Unix; 0 where the zip has none."""
    data: memoryview


class _Header(NamedTuple):
    """What the directory says of a member."""

    offset: int
    raw_name: bytes
    name: str
    flags: int
    method: int
    numbers: tuple[int, int, int]
    """Checksum, packed size, size."""
    mode: int
    usual: bytes
    """The local header as nearly every wheel has it; empty where it needs a closer look."""


def read_members(content: memoryview, filename: str) -> list[ZipMember]:
    """The members of the zip, folders among them, in the order of their data; a WheelError for an odd zip."""
    try:
        start, end, count = _directory(content)
        headers = _headers(bytes(content[start:end]), count)
        return list(_members(content, sorted(headers), start))
    except (ValueError, struct.error) as error:
        why = "a header is cut short" if isinstance(error, struct.error) else error
        msg = f"{filename} is not a wheel that can be read: {why}"
        raise WheelError(msg) from None


def _directory(content: memoryview) -> tuple[int, int, int]:
    """Where the directory starts and ends, and how many members it lists."""
    at = _end_record(content)
    _, disk, first_disk, here, count, size, offset, _ = _END.unpack_from(content, at)
    if disk or first_disk or here != count:
        raise ValueError("it is one of several disks")
    end = at
    if bytes(content[max(at - _LOCATOR_64.size, 0) : at]).startswith(b"PK\6\7"):
        end, (count, size, offset) = _zip64_end(content, at, (count, size, offset))
    if offset + size != end:
        raise ValueError("there is something before it or behind its directory")
    return offset, end, count


def _end_record(content: memoryview) -> int:
    """Its place. There must be one that fits the end of the file, and no later one, which others would take."""
    first = max(len(content) - _END.size - _LONGEST_COMMENT, 0)
    tail = bytes(content[first:])
    found, at = [], tail.find(b"PK\5\6")
    while at >= 0:
        comment = tail[at + _END.size - 2 : at + _END.size]
        fits = len(comment) == 2 and at + _END.size + int.from_bytes(comment, "little") == len(tail)
        found.append((at, fits))
        at = tail.find(b"PK\5\6", at + 1)
    if [fits for _, fits in found[-1:]] != [True]:
        raise ValueError("there is no end record at its end: it is no zip, cut short, or something follows")
    if sum(fits for _, fits in found) > 1:
        raise ValueError("it has several end records")
    return first + found[-1][0]


def _zip64_end(content: memoryview, at: int, plain: tuple[int, int, int]) -> tuple[int, tuple[int, int, int]]:
    """Where the zip64 record stands and its count, size and offset; the plain ones must not contradict it."""
    _, disk, place, disks = _LOCATOR_64.unpack_from(content, at - _LOCATOR_64.size)
    if disk or disks > 1:
        raise ValueError("it is one of several disks")
    if place != at - _LOCATOR_64.size - _END_64.size:
        raise ValueError("its zip64 record is not where it has to be")
    signature, length, disk, first_disk, here, *wide = _END_64.unpack_from(content, place)
    if signature != b"PK\6\6" or length != _END_64.size - 12 or disk or first_disk or here != wide[0]:
        raise ValueError("its zip64 record makes no sense")
    limits = (0xFFFF, _IN_ZIP64, _IN_ZIP64)
    if any(old not in (new, limit) for old, new, limit in zip(plain, wide, limits, strict=True)):
        raise ValueError("its two end records differ")
    return place, (wide[0], wide[1], wide[2])


def _headers(directory: bytes, count: int) -> Iterator[_Header]:
    at = 0
    for _ in range(count):
        fields = _CENTRAL.unpack_from(directory, at)
        signature, flags, method, crc32, packed, size, name_end, extra_end, comment, disk, mode, offset = (
            fields
        )
        name_end += at + _CENTRAL.size
        extra_end += name_end
        if signature != b"PK\1\2" or extra_end + comment > len(directory):
            raise ValueError("its directory is damaged")
        if disk:
            raise ValueError("it is one of several disks")
        raw, extra = directory[at + _CENTRAL.size : name_end], directory[name_end:extra_end]
        usual = (
            b"" if extra or flags & _DESCRIPTOR else b"PK\3\4" + directory[at + 6 : at + 30] + b"\0\0" + raw
        )
        if _IN_ZIP64 in (packed, size, offset):
            size, packed, offset = _widened(extra, (size, packed, offset))
        name = raw.decode() if not extra and raw.isascii() else _decoded(raw, flags, extra)
        yield _Header(offset, raw, name, flags, method, (crc32, packed, size), mode >> 16, usual)
        at = extra_end + comment
    if at != len(directory):
        raise ValueError("its directory lists more than it counts")


def _decoded(raw: bytes, flags: int, extra: bytes) -> str:
    """UTF-8 where a flag or a field of the header says so, else the format's old cp437."""
    name = raw.decode() if flags & _UTF8 or raw.isascii() else raw.decode("cp437")
    field = _fields(extra).get(_UNICODE_PATH_FIELD, b"") if b"up" in extra else b""
    # The checksum is that of the name it replaces; with another one, someone renamed the member later.
    if field[:1] == b"\1" and int.from_bytes(field[1:5], "little") == zlib.crc32(raw):
        return field[5:].decode()
    return name


def _widened(extra: bytes, values: tuple[int, ...]) -> list[int]:
    """`values` with those from the zip64 field that had no room."""
    field = _fields(extra).get(_ZIP64_FIELD, b"")
    missing = sum(value == _IN_ZIP64 for value in values)
    wide = iter(struct.unpack_from(f"<{missing}Q", field))
    return [next(wide) if value == _IN_ZIP64 else value for value in values]


def _fields(extra: bytes) -> dict[int, bytes]:
    found, at = {}, 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        found[kind] = extra[at + 4 : at + 4 + length]
        at += 4 + length
    return found


def _members(content: memoryview, headers: list[_Header], directory: int) -> Iterator[ZipMember]:
    """The members, after a look at each local header; `headers` in the order of their offsets."""
    at = 0
    for header in headers:
        offset, _, name, flags, method, numbers, mode, usual = header
        crc32, packed, size = numbers
        if offset != at:
            raise ValueError(
                f"{name!r} {'overlaps' if offset < at else 'does not follow'} the member before it"
            )
        if flags & ~_UNDERSTOOD or method != DEFLATED:
            _refuse_odd(header, flags)
        if usual and content[offset : offset + len(usual)] == usual:
            start = offset + len(usual)
        else:
            flags, start = _checked(content, header)
        at = start + packed
        yield ZipMember(name, method, crc32, size, mode, content[start:at])
        if flags & _DESCRIPTOR:
            at += _descriptor(content, at, header)
        if at > directory:
            raise ValueError(f"it is cut short at {name!r}")
    if at != directory:
        raise ValueError("there is something between its members and its directory")


def _refuse_odd(header: _Header, flags: int) -> None:
    if flags & _ENCRYPTED:
        raise ValueError(f"{header.name!r} is encrypted")
    if flags & ~_UNDERSTOOD:
        raise ValueError(f"{header.name!r} has flags that wheels do not have")
    if header.method not in (STORED, DEFLATED):
        raise ValueError(f"{header.name!r} is compressed by method {header.method}, wheels use deflate")
    if header.method == STORED and header.numbers[1] != header.numbers[2]:
        raise ValueError(f"{header.name!r} has two sizes")


def _checked(content: memoryview, header: _Header) -> tuple[int, int]:
    """The local header's flags and where the data starts, if it says what the directory says."""
    fields = _LOCAL.unpack_from(content, header.offset)
    signature, flags, method, crc32, packed, size, name_length, extra_length = fields
    name_end = header.offset + _LOCAL.size + name_length
    start = name_end + extra_length
    raw, extra = bytes(content[name_end - name_length : name_end]), bytes(content[name_end:start])
    same = signature == b"PK\3\4" and raw == header.raw_name and method == header.method
    if not same or _decoded(raw, flags, extra) != header.name:
        raise ValueError(f"{header.name!r} is something else in its local header")
    _refuse_odd(header, flags)
    if _IN_ZIP64 in (packed, size):
        size, packed = _widened(extra, (size, packed))
    # With a descriptor they come after the data, and are 0 here.
    comes_later = flags & _DESCRIPTOR and not any((crc32, packed, size))
    if (crc32, packed, size) != header.numbers and not comes_later:
        raise ValueError(f"{header.name!r} has another size or checksum in its local header")
    return flags, start


def _descriptor(content: memoryview, at: int, header: _Header) -> int:
    """The length of the data descriptor, whose numbers have to be those of the directory."""
    for mark, form in _DESCRIPTORS:
        wanted = mark + form.pack(*header.numbers)
        if content[at : at + len(wanted)] == wanted:
            return len(wanted)
    raise ValueError(f"{header.name!r} has another size or checksum behind its data")
