"""Zips as nobody should write them, one oddity at a time."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.support.files.wheels import REGULAR

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DEFLATED, STORED = 8, 0
ENCRYPTED, DESCRIPTOR, UTF8 = 0x1, 0x8, 0x800
IN_ZIP64 = 0xFFFF_FFFF


@dataclass(frozen=True)
class OddMember:
    """A member whose headers can be made to say anything; without more, they are right and equal."""

    name: bytes
    content: bytes = b"x = 1\n" * 30
    method: int = DEFLATED
    flags: int = 0
    mode: int = REGULAR | 0o644
    extra: bytes = b""
    comment: bytes = b""
    disk: int = 0
    needed: int = 20
    """The version of the format that a reader needs."""
    numbers: tuple[int, int, int] | None = None
    """Checksum, packed size and size as the directory has them."""
    local: Mapping[str, object] = field(default_factory=dict)
    """What the local header has otherwise: `name`, `flags`, `method`, `extra`, `numbers`."""
    behind_stream: bytes = b""
    """Bytes between the end of the deflate stream and that of the data."""
    descriptor: bytes = b""
    """What follows the data."""
    offset: int | None = None

    @property
    def packed(self) -> bytes:
        return deflated(self.content) + self.behind_stream if self.method == DEFLATED else self.content

    @property
    def true_numbers(self) -> tuple[int, int, int]:
        return zlib.crc32(self.content), len(self.packed), len(self.content)

    def common(self, *, local: bool) -> tuple[bytes, bytes, bytes]:
        """Return the part that both headers share, the name and the extra field."""
        other = self.local if local else {}
        name, extra = other.get("name", self.name), other.get("extra", self.extra)
        flags, method = other.get("flags", self.flags), other.get("method", self.method)
        numbers = other.get("numbers") if local else self.numbers
        assert isinstance(name, bytes)
        assert isinstance(extra, bytes)
        assert numbers is None or isinstance(numbers, tuple)
        lengths = len(name), len(extra)
        fixed = struct.pack(
            "<5H3L2H", self.needed, flags, method, 0, 33, *(numbers or self.true_numbers), *lengths
        )
        return fixed, name, extra


def odd_zip(
    members: Iterable[OddMember],
    *,
    before: bytes = b"",
    between: bytes = b"",
    behind: bytes = b"",
    comment: bytes = b"",
    zip64: bytes | None = None,
    end: dict[int, int] | None = None,
) -> bytes:
    """Return a zip; `between` members and directory, `zip64` before the end record, `end` changes fields of that."""
    body, directory, count = before, b"", 0
    for member in members:
        count += 1
        offset = len(body) if member.offset is None else member.offset
        fixed, name, extra = member.common(local=True)
        body += b"PK\3\4" + fixed + name + extra + member.packed + member.descriptor
        fixed, name, extra = member.common(local=False)
        directory += b"PK\1\2" + struct.pack("<H", 3 << 8 | 20) + fixed
        directory += struct.pack("<3H2L", len(member.comment), member.disk, 0, member.mode << 16, offset)
        directory += name + extra + member.comment
    body += between
    fields = [0, 0, count, count, len(directory), len(body), len(comment)]
    for index, value in (end or {}).items():
        fields[index] = value
    return body + directory + (zip64 or b"") + b"PK\5\6" + struct.pack("<4H2LH", *fields) + comment + behind


def odd_wheel(*members: OddMember, name: str = "demo-1.0", **options: object) -> bytes:
    """Return a zip with a dist-info, whose three files come first."""
    info = [
        OddMember(f"{name}.dist-info/{file}".encode(), content)
        for file, content in {
            "METADATA": b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n",
            "WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            "RECORD": b"",
        }.items()
    ]
    return odd_zip([*info, *members], **options)  # type: ignore[arg-type]


def deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def extra_field(kind: int, content: bytes) -> bytes:
    return struct.pack("<2H", kind, len(content)) + content


def zip64_end(count: int, size: int, offset: int, place: int) -> bytes:
    """Return the zip64 end record, which stands at `place`, and its locator."""
    record = b"PK\6\6" + struct.pack("<Q2H2L4Q", 44, 45, 45, 0, 0, count, count, size, offset)
    return record + b"PK\6\7" + struct.pack("<LQL", 0, place, 1)
