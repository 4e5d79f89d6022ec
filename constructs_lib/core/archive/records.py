"""The records of a zip file, field by field.

Format: PKWARE APPNOTE 6.3.10, section 4.3, whose tables are quoted. Each record is a named tuple beside the `struct`
format of its fixed part. `unpack` raises a ValueError for a record that no valid archive of one file has. The names,
extra fields and comments that follow a record are the reader's work.
"""

# No `annotations` of the future here: the named tuples would compile fifty of them at every import.
import struct
from collections.abc import Iterator
from typing import NamedTuple

# General purpose bit flags (4.4.4).
ENCRYPTED = 0x1
HAS_DESCRIPTOR = 0x8
UTF8_NAME = 0x800
_DEFLATE_EFFORT = 0x6  # no matter to a reader
UNREADABLE_FLAGS = 0xFFFF & ~(_DEFLATE_EFFORT | HAS_DESCRIPTOR | UTF8_NAME)

MAX_VERSION_NEEDED = 63
"""The newest version of the format, 6.3, that `zipfile` reads (4.4.3); the upper byte of the field has no meaning."""

MAX_UINT16 = 0xFFFF
MAX_UINT32 = 0xFFFF_FFFF
"""Also the mark in a size or offset whose value stands in the zip64 field or record."""

# Kinds of extra fields (4.5.3, 4.6.9).
ZIP64_FIELD = 0x0001
UNICODE_PATH_FIELD = 0x7075

SPLIT_ARCHIVE = "it is one of several disks"


class LocalHeader(NamedTuple):
    """The header before a member's data (4.3.7); the name and the extra field follow it.

    ```
    local file header signature     4 bytes  (0x04034b50)
    version needed to extract       2 bytes
    general purpose bit flag        2 bytes
    compression method              2 bytes
    last mod file time              2 bytes
    last mod file date              2 bytes
    crc-32                          4 bytes
    compressed size                 4 bytes
    uncompressed size               4 bytes
    file name length                2 bytes
    extra field length              2 bytes
    ```
    """

    signature: bytes
    version_needed: int
    flags: int
    method: int
    time: int
    date: int
    crc32: int
    packed_size: int
    size: int
    name_length: int
    extra_length: int

    @classmethod
    def unpack(cls, content: bytes | memoryview, offset: int) -> "LocalHeader":
        """Read the header at `offset`. The caller compares the signature, since it can name the member."""
        return cls._make(LOCAL.unpack_from(content, offset))


LOCAL = struct.Struct("<4s5H3L2H")
LOCAL_SIGNATURE = b"PK\x03\x04"


class CentralHeader(NamedTuple):
    """A member's header in the central directory (4.3.12); name, extra field and comment follow it.

    ```
    central file header signature   4 bytes  (0x02014b50)
    version made by                 2 bytes
    version needed to extract       2 bytes
    general purpose bit flag        2 bytes
    compression method              2 bytes
    last mod file time              2 bytes
    last mod file date              2 bytes
    crc-32                          4 bytes
    compressed size                 4 bytes
    uncompressed size               4 bytes
    file name length                2 bytes
    extra field length              2 bytes
    file comment length             2 bytes
    disk number start               2 bytes
    internal file attributes        2 bytes
    external file attributes        4 bytes
    relative offset of local header 4 bytes
    ```
    """

    signature: bytes
    version_made_by: int
    version_needed: int
    flags: int
    method: int
    time: int
    date: int
    crc32: int
    packed_size: int
    size: int
    name_length: int
    extra_length: int
    comment_length: int
    disk: int
    internal_attributes: int
    external_attributes: int
    """The upper half is the mode of a file of Unix."""
    offset: int

    @property
    def numbers(self) -> tuple[int, int, int]:
        """Checksum, packed size and size."""
        return self.crc32, self.packed_size, self.size


CENTRAL = struct.Struct("<4s6H3L5H2L")
CENTRAL_SIGNATURE = b"PK\x01\x02"


def central_headers(directory: bytes, count: int) -> Iterator[tuple[int, CentralHeader, bytes, bytes]]:
    """Yield the place of each header in the central directory, the header, its name and its extra field.

    The directory must be filled by `count` headers, all of this disk.
    """
    # Looked up once: a directory may have thousands of headers, and each costs two microseconds in all.
    make, unpack_from = CentralHeader._make, CENTRAL.unpack_from
    at = 0
    for _ in range(count):
        header = make(unpack_from(directory, at))
        name_at = at + CENTRAL.size
        extra_at = name_at + header.name_length
        comment_at = extra_at + header.extra_length
        end = comment_at + header.comment_length
        if header.signature != CENTRAL_SIGNATURE or end > len(directory):
            raise ValueError("its directory is damaged")
        if header.disk:
            raise ValueError(SPLIT_ARCHIVE)
        yield at, header, directory[name_at:extra_at], directory[extra_at:comment_at]
        at = end
    if at != len(directory):
        raise ValueError("its directory lists more than it counts")


class EndRecord(NamedTuple):
    """The end of central directory record (4.3.16); the archive's comment follows it.

    ```
    end of central dir signature                                            4 bytes  (0x06054b50)
    number of this disk                                                     2 bytes
    number of the disk with the start of the central directory              2 bytes
    total number of entries in the central directory on this disk           2 bytes
    total number of entries in the central directory                        2 bytes
    size of the central directory                                           4 bytes
    offset of start of central directory with respect to the starting disk  4 bytes
    .ZIP file comment length                                                2 bytes
    ```
    """

    signature: bytes
    disk: int
    first_disk: int
    members_on_disk: int
    member_count: int
    directory_size: int
    directory_offset: int
    comment_length: int

    @classmethod
    def unpack(cls, content: bytes | memoryview, offset: int) -> "EndRecord":
        """Read the record at `offset`, where its signature was found."""
        record = cls._make(END.unpack_from(content, offset))
        if record.disk or record.first_disk or record.members_on_disk != record.member_count:
            raise ValueError(SPLIT_ARCHIVE)
        return record


END = struct.Struct("<4s4H2LH")
END_SIGNATURE = b"PK\x05\x06"


class Zip64EndRecord(NamedTuple):
    """The zip64 end of central directory record (4.3.14).

    ```
    zip64 end of central dir signature                                      4 bytes  (0x06064b50)
    size of zip64 end of central directory record                           8 bytes
    version made by                                                         2 bytes
    version needed to extract                                               2 bytes
    number of this disk                                                     4 bytes
    number of the disk with the start of the central directory              4 bytes
    total number of entries in the central directory on this disk           8 bytes
    total number of entries in the central directory                        8 bytes
    size of the central directory                                           8 bytes
    offset of start of central directory with respect to the starting disk  8 bytes
    ```
    """

    signature: bytes
    record_size: int
    """Bytes that follow this field."""
    version_made_by: int
    version_needed: int
    disk: int
    first_disk: int
    members_on_disk: int
    member_count: int
    directory_size: int
    directory_offset: int

    @classmethod
    def unpack(cls, content: bytes | memoryview, offset: int) -> "Zip64EndRecord":
        """Read the record at `offset`, which must have the fields above and no further ones."""
        record = cls._make(ZIP64_END.unpack_from(content, offset))
        is_plain = record.signature == ZIP64_END_SIGNATURE and record.record_size == ZIP64_END.size - 12
        if not is_plain or record.disk or record.first_disk or record.members_on_disk != record.member_count:
            raise ValueError("its zip64 record makes no sense")
        return record


ZIP64_END = struct.Struct("<4sQ2H2L4Q")
ZIP64_END_SIGNATURE = b"PK\x06\x06"


class Zip64Locator(NamedTuple):
    """The zip64 end of central directory locator (4.3.15), right before the end record.

    ```
    zip64 end of central dir locator signature                              4 bytes  (0x07064b50)
    number of the disk with the start of the zip64 end of central directory 4 bytes
    relative offset of the zip64 end of central directory record            8 bytes
    total number of disks                                                   4 bytes
    ```
    """

    signature: bytes
    disk: int
    record_offset: int
    disk_count: int

    @classmethod
    def unpack(cls, content: bytes | memoryview, offset: int) -> "Zip64Locator":
        """Read the locator at `offset`, where its signature was found."""
        locator = cls._make(ZIP64_LOCATOR.unpack_from(content, offset))
        if locator.disk or locator.disk_count > 1:
            raise ValueError(SPLIT_ARCHIVE)
        return locator


ZIP64_LOCATOR = struct.Struct("<4sLQL")
ZIP64_LOCATOR_SIGNATURE = b"PK\x06\x07"


def descriptors(crc32: int, packed_size: int, size: int) -> list[bytes]:
    """Return the data descriptors (4.3.9) that may follow such a member, longest first.

    ```
    crc-32                          4 bytes
    compressed size                 4 bytes, of zip64 8 bytes
    uncompressed size               4 bytes, of zip64 8 bytes
    ```

    A signature may stand before them (4.3.9.3). The longest that matches is the right one: a shorter one may match
    by chance.
    """
    forms = [_WIDE_DESCRIPTOR, _DESCRIPTOR] if max(packed_size, size) <= MAX_UINT32 else [_WIDE_DESCRIPTOR]
    return [
        signature + form.pack(crc32, packed_size, size)
        for form in forms
        for signature in (DESCRIPTOR_SIGNATURE, b"")
    ]


_DESCRIPTOR = struct.Struct("<3L")
_WIDE_DESCRIPTOR = struct.Struct("<L2Q")
DESCRIPTOR_SIGNATURE = b"PK\x07\x08"


def extra_fields(extra: bytes) -> dict[int, bytes]:
    """Return the content of each extra field (4.5.1) by its kind.

    Raises a ValueError where the fields do not end where the space for them does, except for zeros as padding, and
    for a kind that decides about the member and occurs twice, since readers differ in which one they take.

    ```
    header ID                       2 bytes
    data size                       2 bytes
    ```
    """
    fields: dict[int, bytes] = {}
    at = 0
    while at + _EXTRA.size <= len(extra):
        kind, length = _EXTRA.unpack_from(extra, at)
        at += _EXTRA.size
        if at + length > len(extra):
            raise ValueError(f"an extra field of kind {kind:#06x} is longer than the space for it")
        if kind in _DECISIVE and kind in fields:
            raise ValueError(f"an extra field of kind {kind:#06x} occurs twice")
        fields[kind] = extra[at : at + length]
        at += length
    if extra[at:].strip(b"\0"):
        raise ValueError("something follows the extra fields of a member")
    return fields


_EXTRA = struct.Struct("<2H")
_DECISIVE = (ZIP64_FIELD, UNICODE_PATH_FIELD)
