"""One file of an archive, already compressed."""

from __future__ import annotations

import re
import unicodedata
import zlib
from dataclasses import dataclass, field

import deflate

from constructs_lib.core.errors import WheelError

LEVEL = 9
"""libdeflate's level for what is compressed here: smaller and faster than zlib's 9."""
STORED = 0
DEFLATED = 8

# Nearly every name, decided at once: ASCII parts that are not empty and not dots alone.
_PLAIN = re.compile(r"(?:(?!\.{1,2}(?:/|$))[ !-.0-9;-\[\]-~]{1,255}(?:/(?!$)|$)){1,40}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NAME_LIMIT = 65_535  # bytes, the zip format's field for it


@dataclass(frozen=True)
class Entry:
    """A file's name in the archive and its data as the archive will hold it."""

    name: str
    """Path with forward slashes, NFC, relative to the archive's root."""
    executable: bool
    method: int
    crc32: int
    size: int
    """Bytes once unpacked."""
    data: bytes | memoryview = field(repr=False, compare=False)
    origin: str
    """The distribution (or folder) that brings the file."""

    def content(self) -> bytes:
        """The unpacked bytes; a WheelError where they are not what the entry promises."""
        try:
            content = self._unpacked()
        except deflate.DeflateError as error:
            msg = f"{self.origin}: {self.name} cannot be unpacked: {error}"
            raise WheelError(msg) from None
        if len(content) != self.size or zlib.crc32(content) != self.crc32:
            msg = f"{self.origin}: {self.name} is damaged inside its wheel (size or checksum differ)"
            raise WheelError(msg)
        return content

    def _unpacked(self) -> bytes:
        if self.method == DEFLATED:
            return bytes(deflate.deflate_decompress(self.data, self.size))
        return bytes(self.data)


def compress(name: str, content: bytes, origin: str, *, executable: bool = False) -> Entry:
    """An entry of plain bytes, by the pinned deflate library: the host's zlib would give other bytes."""
    packed = bytes(deflate.deflate_compress(content, LEVEL))
    method, data = (DEFLATED, packed) if len(packed) < len(content) else (STORED, content)
    return Entry(safe_name(name, origin), executable, method, zlib.crc32(content), len(content), data, origin)


def safe_name(name: str, origin: str) -> str:
    """`name` in NFC; a WheelError for a path that could leave the folder it is unpacked into."""
    if _PLAIN.fullmatch(name):
        return name
    name = unicodedata.normalize("NFC", name)
    parts = name.split("/")
    why = ""
    if name.startswith("/") or (len(parts[0]) == 2 and parts[0][1] == ":"):
        why = "is absolute"
    elif not all(part not in ("", ".", "..") for part in parts):
        why = "has an empty or dotted part"
    elif "\\" in name or _CONTROL.search(name):
        why = "holds a backslash or a control character"
    elif len(name.encode("utf-8", "surrogatepass")) > _NAME_LIMIT:
        why = "is too long for a zip"
    elif any("\ud800" <= letter <= "\udfff" for letter in name):
        why = "is not valid Unicode"
    if why:
        msg = f"{origin}: the path {name!r} {why}, it cannot go into an archive"
        raise WheelError(msg)
    return name
