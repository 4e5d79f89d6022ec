"""Read the members of a zip, where all readers of zips agree on them.

Readers differ: some take the central directory at the end, some the header before each file, some each member that
they come across. An archive made for it shows each of them other files. So both kinds of header must agree here, and
the members must fill the file without gap and overlap. PyPI checks uploads that way (its page "Archive Formats"),
except that data descriptors, zip64 records and comments are read here, since older archives have them, and zeros that
pad extra fields. That a member's deflate stream ends where the member does is checked where it is unpacked, see `entry`.

Format: PKWARE APPNOTE 6.3, see `records`. Not `zipfile`: what it accepts and how it reads names depends on the Python.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from constructs_lib.core.archive.entry import DEFLATED, STORED, quoted
from constructs_lib.core.archive.records import (
    ENCRYPTED,
    END,
    END_SIGNATURE,
    HAS_DESCRIPTOR,
    LOCAL,
    LOCAL_SIGNATURE,
    MAX_UINT16,
    MAX_UINT32,
    MAX_VERSION_NEEDED,
    UNICODE_PATH_FIELD,
    UNREADABLE_FLAGS,
    UTF8_NAME,
    ZIP64_END,
    ZIP64_FIELD,
    ZIP64_LOCATOR,
    ZIP64_LOCATOR_SIGNATURE,
    CentralHeader,
    EndRecord,
    LocalHeader,
    Zip64EndRecord,
    Zip64Locator,
    central_headers,
    descriptors,
    extra_fields,
)
from constructs_lib.core.errors import WheelError

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNICODE_PATH_AT = 5
"""Bytes of the field before the name: its version, and the checksum of the name that it repeats."""
_UINT64 = 8


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


class _Directory(NamedTuple):
    """The place of the central directory, and the number of its headers."""

    start: int
    end: int
    member_count: int


_Listed: TypeAlias = "tuple[int, str, bytes, CentralHeader, bytes]"
"""A member as the central directory lists it: offset, name, the name's bytes, header, and the local header that nearly
every such member has, which is empty where the local header needs a closer look.

A plain tuple: a named one for each member would take a tenth of the time of reading them.
"""


def read_members(content: memoryview, filename: str) -> list[ZipMember]:
    """Return the members of the zip, folders included, in the order of their data.

    Raises a WheelError for a zip that is damaged, or that two readers could understand in two ways.
    """
    try:
        directory = _find_directory(content)
        listed = _listed(bytes(content[directory.start : directory.end]), directory.member_count)
        return list(_members(content, sorted(listed), directory.start))
    except (ValueError, struct.error) as error:
        problem = "a header is cut short" if isinstance(error, struct.error) else error
        raise WheelError("archive-invalid", f"{filename} is not a zip that can be read: {problem}") from None


def _find_directory(content: memoryview) -> _Directory:
    at = _end_record_offset(content)
    plain = EndRecord.unpack(content, at)
    record: EndRecord | Zip64EndRecord = plain
    if content[max(at - ZIP64_LOCATOR.size, 0) : at][:4] == ZIP64_LOCATOR_SIGNATURE:
        at, record = _zip64_end(content, at, plain)
    start = record.directory_offset
    if start + record.directory_size != at:
        raise ValueError("there is something before it or behind its directory")
    return _Directory(start, at, record.member_count)


def _end_record_offset(content: memoryview) -> int:
    """Return the offset of the end record that closes the file.

    A later signature is refused, since other readers take the last one; so is a second record that fits as well.
    """
    first = max(len(content) - END.size - MAX_UINT16, 0)
    tail = bytes(content[first:])
    candidates, at = [], tail.find(END_SIGNATURE)
    while at >= 0:
        end = at + END.size
        comment_length = int.from_bytes(tail[end - 2 : end], "little")
        closes = end + comment_length == len(tail)
        candidates.append((at, closes))
        at = tail.find(END_SIGNATURE, at + 1)
    if not candidates or not candidates[-1][1]:
        raise ValueError("there is no end record at its end: it is no zip, cut short, or something follows")
    if sum(closes for _, closes in candidates) > 1:
        raise ValueError("it has several end records")
    return first + candidates[-1][0]


def _zip64_end(content: memoryview, at: int, plain: EndRecord) -> tuple[int, Zip64EndRecord]:
    """Return the zip64 record and its offset; raise if the plain record at `at` contradicts it."""
    locator = Zip64Locator.unpack(content, at - ZIP64_LOCATOR.size)
    if locator.record_offset != at - ZIP64_LOCATOR.size - ZIP64_END.size:
        raise ValueError("its zip64 record is not where it has to be")
    record = Zip64EndRecord.unpack(content, locator.record_offset)
    for small, large, mark in (
        (plain.member_count, record.member_count, MAX_UINT16),
        (plain.directory_size, record.directory_size, MAX_UINT32),
        (plain.directory_offset, record.directory_offset, MAX_UINT32),
    ):
        if small not in (large, mark):
            raise ValueError("its two end records differ")
    return locator.record_offset, record


def _listed(directory: bytes, count: int) -> Iterator[_Listed]:
    for at, found, raw, extra in central_headers(directory, count):
        header, usual_local = found, b""
        if not extra and not header.flags & HAS_DESCRIPTOR:
            # The local header repeats the fields from the needed version to the name's length, then has no extra field.
            usual_local = LOCAL_SIGNATURE + directory[at + 6 : at + 30] + b"\0\0" + raw
        # Only an extra field can have the real value; without one, the number is taken as it is.
        if extra and MAX_UINT32 in (header.packed_size, header.size, header.offset):
            header = _with_zip64_sizes(header, extra)
        name = raw.decode() if not extra and raw.isascii() else _decoded(raw, header.flags, extra)
        yield header.offset, name, raw, header, usual_local


def _with_zip64_sizes(header: CentralHeader, extra: bytes) -> CentralHeader:
    sizes = _zip64_values(extra, (header.size, header.packed_size, header.offset))
    return header._replace(size=sizes[0], packed_size=sizes[1], offset=sizes[2])


def _decoded(raw: bytes, flags: int, extra: bytes) -> str:
    """Decode a name: UTF-8 where a flag asks for it, else cp437, the format's old encoding.

    Info-ZIP's extra field may repeat the name as UTF-8. `zipfile` does not read the field and others take its name
    alone, so a field with another name is refused, also one that is out of date.
    """
    name = raw.decode() if flags & UTF8_NAME or raw.isascii() else raw.decode("cp437")
    field = extra_fields(extra).get(UNICODE_PATH_FIELD) if extra else None
    if field is not None and field[_UNICODE_PATH_AT:].decode("utf-8", "replace") != name:
        raise ValueError(f"{quoted(name)} has another name in its Unicode path field")
    return name


def _zip64_values(extra: bytes, values: tuple[int, ...]) -> list[int]:
    """Return `values`, each that is only a mark replaced by the next one of the zip64 field (4.5.3)."""
    field = extra_fields(extra).get(ZIP64_FIELD, b"")
    missing = sum(value == MAX_UINT32 for value in values)
    wide = iter(struct.unpack_from(f"<{missing}Q", field))
    if missing * _UINT64 != len(field):
        raise ValueError("a zip64 field has more than the sizes that are missing")
    return [next(wide) if value == MAX_UINT32 else value for value in values]


def _members(content: memoryview, ordered: list[_Listed], directory_start: int) -> Iterator[ZipMember]:
    """Yield the members after a look at each local header; `ordered` by their offsets."""
    at = 0
    for offset, name, raw_name, header, usual_local in ordered:
        flags, method = header.flags, header.method
        if offset != at:
            relation = "overlaps" if offset < at else "does not follow"
            raise ValueError(f"{quoted(name)} {relation} the member before it")
        if (
            flags & UNREADABLE_FLAGS
            or method != DEFLATED
            or header.version_needed & 0xFF > MAX_VERSION_NEEDED
        ):
            _refuse_unreadable(name, header, flags)
        start = offset + len(usual_local)
        if not usual_local or content[offset:start].tobytes() != usual_local:
            flags, start = _checked_local(content, name, raw_name, header)
        at = start + header.packed_size
        mode = header.external_attributes >> 16
        yield ZipMember(name, method, header.crc32, header.size, mode, content[start:at])
        if flags & HAS_DESCRIPTOR:
            at += _descriptor_length(content, at, name, header)
        if at > directory_start:
            raise ValueError(f"it is cut short at {quoted(name)}")
    if at != directory_start:
        raise ValueError("there is something between its members and its directory")


def _refuse_unreadable(name: str, header: CentralHeader, flags: int) -> None:
    if flags & ENCRYPTED:
        raise ValueError(f"{quoted(name)} is encrypted")
    if flags & UNREADABLE_FLAGS:
        raise ValueError(f"{quoted(name)} has flags that are not supported: {flags:#x}")
    if (needed := header.version_needed & 0xFF) > MAX_VERSION_NEEDED:
        raise ValueError(
            f"{quoted(name)} needs version {needed / 10} of the format, at most {MAX_VERSION_NEEDED / 10} is read"
        )
    if header.method not in (STORED, DEFLATED):
        raise ValueError(f"{quoted(name)} is compressed by method {header.method}, only deflate is supported")
    if header.method == STORED and header.packed_size != header.size:
        raise ValueError(f"{quoted(name)} has two sizes")


def _checked_local(content: memoryview, name: str, raw_name: bytes, header: CentralHeader) -> tuple[int, int]:
    """Return the local header's flags and where the data starts; raise if it contradicts the directory."""
    local = LocalHeader.unpack(content, header.offset)
    name_at = header.offset + LOCAL.size
    extra_at = name_at + local.name_length
    start = extra_at + local.extra_length
    raw, extra = bytes(content[name_at:extra_at]), bytes(content[extra_at:start])
    is_same = local.signature == LOCAL_SIGNATURE and raw == raw_name and local.method == header.method
    if not is_same or _decoded(raw, local.flags, extra) != name:
        raise ValueError(f"{quoted(name)} is something else in its local header")
    _refuse_unreadable(name, header, local.flags)
    numbers = (local.crc32, *_local_sizes(local, extra))
    # With a descriptor the numbers follow the data; here each may be 0, and some writers give the size already.
    is_deferred = bool(local.flags & HAS_DESCRIPTOR)
    pairs = zip(numbers, header.numbers, strict=True)
    if not all(number == true or (is_deferred and not number) for number, true in pairs):
        raise ValueError(f"{quoted(name)} has another size or checksum in its local header")
    return local.flags, start


def _local_sizes(local: LocalHeader, extra: bytes) -> tuple[int, int]:
    """Return packed size and size; the local zip64 field has both, even if one of them alone is missing (4.5.3)."""
    size, packed_size = local.size, local.packed_size
    if MAX_UINT32 in (size, packed_size):
        field = extra_fields(extra).get(ZIP64_FIELD, b"")
        if len(field) == 2 * _UINT64:
            wide_size, wide_packed = struct.unpack("<2Q", field)
            size = wide_size if size == MAX_UINT32 else size
            packed_size = wide_packed if packed_size == MAX_UINT32 else packed_size
        else:
            size, packed_size = _zip64_values(extra, (size, packed_size))
    return packed_size, size


def _descriptor_length(content: memoryview, at: int, name: str, header: CentralHeader) -> int:
    """Return the length of the data descriptor at `at`, whose numbers must be those of the directory."""
    for descriptor in descriptors(*header.numbers):
        if content[at : at + len(descriptor)] == descriptor:
            return len(descriptor)
    raise ValueError(f"{quoted(name)} has another size or checksum behind its data")
