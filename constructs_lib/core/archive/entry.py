"""An entry: one file of an archive, already compressed."""

from __future__ import annotations

import re
import struct
import zlib
from contextlib import suppress
from typing import Literal, NamedTuple, TypeAlias

import deflate

from constructs_lib.core.archive.records import MAX_UINT32
from constructs_lib.core.errors import ProjectError, WheelError

Bytes: TypeAlias = bytes | bytearray
"""The deflate library unpacks into a bytearray; copying each file into bytes would add a sixth of the time."""
Compression: TypeAlias = Literal["standard", "smallest"]
LEVEL = {"standard": 6, "smallest": 12}
"""libdeflate's levels: the standard one beats zlib's 9 in size in a twelfth of its time; 12 is the smallest."""
STORED = 0
DEFLATED = 8

# Accepts nearly every name at once: few ASCII parts, none empty, long, or of dots alone.
_PLAIN = re.compile(r"(?:(?!\.{1,2}(?:/|$))[ !-.0-9;-\[\]-~]{1,90}(?:/(?!$)|$)){1,40}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_DRIVE = re.compile(r"[A-Za-z]:")
# Linux's limits in bytes. Lambda unpacks below `/opt/`, and the path ends with a zero byte.
_PART_LIMIT = 255
_PATH_LIMIT = 4096 - len("/opt/") - 1
_MAX_QUOTED = 200

# RFC 1952: a gzip file of deflate, with no option set; the footer holds checksum and size.
_GZIP_HEADER = b"\x1f\x8b\x08" + bytes(7)
_GZIP_FOOTER = struct.Struct("<2L")
_MAX_RATIO = 1032
"""Deflate packs at most 258 bytes into two bits; a size above that is a lie, and memory for it must not be taken."""


class Entry(NamedTuple):
    """A file's name in the archive and its data as the archive stores it.

    A named tuple: creating ten thousand takes a quarter of the time that frozen dataclasses take.
    """

    name: str
    """Path with forward slashes, relative to the archive's root."""
    executable: bool
    method: int
    crc32: int
    size: int
    """Bytes once unpacked."""
    data: Bytes | memoryview
    origin: str
    """The name of the archive or folder that the file comes from."""

    def content(self) -> Bytes:
        """Return the unpacked bytes; raise a WheelError where they, or the data's end, are not those of the entry."""
        if self.method != DEFLATED:
            content: Bytes = bytes(self.data)
        elif self.size > _MAX_RATIO * len(self.data):
            raise self._unpackable(f"{len(self.data)} bytes cannot hold its {self.size} bytes")
        else:
            content = self._inflated()
        if len(content) != self.size or (self.method != DEFLATED and deflate.crc32(content) != self.crc32):
            raise self._different()
        return content

    def _inflated(self) -> Bytes:
        """Unpack the data as the body of a gzip file, whose footer shows that the stream ends where the data ends.

        The deflate library compares the eight bytes behind the stream with checksum and size. They are those of the
        footer, unless the data holds the same eight bytes; zlib, at a third of the speed, then decides.
        """
        footer = _GZIP_FOOTER.pack(self.crc32, self.size & MAX_UINT32)
        gzip = b"".join((_GZIP_HEADER, self.data, footer))
        if self.size and gzip.find(footer) == len(gzip) - len(footer):
            # The reason is found below.
            with suppress(deflate.DeflateError):
                return deflate.gzip_decompress(gzip)
        return self._inflated_slowly()

    def _inflated_slowly(self) -> bytes:
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            # One byte more than there should be, so that the end of the stream is reached.
            content = stream.decompress(self.data, self.size + 1)
        except zlib.error as error:
            raise self._unpackable(error) from None
        if len(content) > self.size:
            raise self._unpackable(f"it has more than its {self.size} bytes")
        if not stream.eof:
            raise self._unpackable("its data is cut short")
        if stream.unused_data:
            count = len(stream.unused_data)
            raise _damaged(
                f"{self.origin}: {shown(self.name)} ends before its data in the archive does: {count} bytes belong to "
                f"no file"
            )
        if zlib.crc32(content) != self.crc32:
            raise self._different()
        return content

    def _unpackable(self, reason: object) -> WheelError:
        return _damaged(f"{self.origin}: {shown(self.name)} cannot be unpacked: {reason}")

    def _different(self) -> WheelError:
        return _damaged(
            f"{self.origin}: {shown(self.name)} is damaged inside its archive (size or checksum differ)"
        )


def _damaged(text: str) -> WheelError:
    return WheelError("archive-damaged", text)


def quoted(text: str) -> str:
    """Return a foreign text in quotes, with control characters escaped, cut to a length for one line."""
    return repr(text) if len(text) <= _MAX_QUOTED else f"{text[:_MAX_QUOTED]!r}..."


def shown(text: str) -> str:
    """Return a foreign text as it is if it is short and plain, else `quoted`."""
    return text if text.isprintable() and len(text) <= _MAX_QUOTED else quoted(text)


def compress(
    name: str, content: Bytes, origin: str, *, executable: bool = False, level: int = LEVEL["standard"]
) -> Entry:
    """Compress plain bytes into an entry, unless they would grow.

    By the pinned deflate library, since the bytes of the host's zlib depend on its version.
    """
    packed = deflate.deflate_compress(content, level)
    method, data = (DEFLATED, bytes(packed)) if len(packed) < len(content) else (STORED, content)
    return Entry(
        safe_name(name, origin), executable, method, deflate.crc32(content), len(content), data, origin
    )


def level_of(compression: Compression) -> int:
    """Return the deflate library's level; raise a ProjectError for an unknown compression."""
    if compression not in LEVEL:
        raise ProjectError(
            "option-unknown", f"compression is {compression!r}, it must be {' or '.join(LEVEL)}"
        )
    return LEVEL[compression]


def is_program(content: Bytes) -> bool:
    """Return whether Linux could start it: a script that names its interpreter, or ELF."""
    return content.startswith((b"#!", b"\x7fELF"))


def composed(name: str) -> str:
    """Return `name` in NFC: a Mac's folder may give it decomposed, and its bytes must be those of other machines.

    A wheel of an index is the same everywhere, and its programs open files by the names that it has.
    """
    if name.isascii():
        return name
    import unicodedata  # 0.4 ms: most layers have ASCII names alone

    return unicodedata.normalize("NFC", name)


def safe_name(name: str, origin: str, prefix: str = "") -> str:
    """Return `name` below `prefix`.

    Raises a WheelError for a path that could leave the folder it is unpacked into, and for one that is longer than
    Linux, and so Lambda, accepts.
    """
    if _PLAIN.fullmatch(name):
        return f"{prefix}{name}"
    if problem := _path_problem(name, prefix):
        raise WheelError(
            "path-unsafe", f"{origin}: the path {quoted(name)} {problem}, it cannot go into an archive"
        )
    return f"{prefix}{name}"


def _path_problem(name: str, prefix: str) -> str:
    parts = name.split("/")
    if name.startswith("/") or _DRIVE.match(name):
        return "is absolute"
    if any(part in ("", ".", "..") for part in parts):
        return "has an empty or dotted part"
    if "\\" in name or _CONTROL.search(name):
        return "contains a backslash or a control character"
    if any("\ud800" <= letter <= "\udfff" for letter in name):
        return "is not valid Unicode"
    too_long = any(len(part.encode()) > _PART_LIMIT for part in parts)
    if too_long or len(f"{prefix}{name}".encode()) > _PATH_LIMIT:
        return f"is longer than Linux accepts ({_PART_LIMIT} bytes in a part, {_PATH_LIMIT} in all)"
    return ""
