"""One file of an archive, already compressed."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple, TypeAlias

import deflate

from constructs_lib.core.errors import ProjectError, WheelError

Bytes: TypeAlias = bytes | bytearray
"""What the deflate library unpacks into is a bytearray; a copy of each file would take a sixth as long again."""
Compression: TypeAlias = Literal["standard", "smallest"]
LEVEL = {"standard": 6, "smallest": 12}
"""libdeflate's levels for what is compressed here: smaller than zlib's 9 in a twelfth of its time, and its smallest."""
STORED = 0
DEFLATED = 8

# Nearly every name, decided at once: few ASCII parts that are neither empty nor long nor dots alone.
_PLAIN = re.compile(r"(?:(?!\.{1,2}(?:/|$))[ !-.0-9;-\[\]-~]{1,90}(?:/(?!$)|$)){1,40}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_DRIVE = re.compile(r"[A-Za-z]:")
# Linux' limits in bytes. Lambda unpacks below `/opt/`, and the path ends with a zero byte.
_PART_LIMIT = 255
_PATH_LIMIT = 4096 - len("/opt/") - 1
_SHOWN = 200


class Entry(NamedTuple):
    """A file's name in the archive and its data as the archive will hold it.

    A named tuple: ten thousand are made in a quarter of the time of a frozen dataclass.
    """

    name: str
    """Path with forward slashes, NFC, relative to the archive's root."""
    executable: bool
    method: int
    crc32: int
    size: int
    """Bytes once unpacked."""
    data: Bytes | memoryview
    origin: str
    """The distribution (or folder) that brings the file."""

    def content(self) -> Bytes:
        """The unpacked bytes; a WheelError where they are not what the entry promises."""
        try:
            content = self._unpacked()
        except deflate.DeflateError as error:
            msg = f"{self.origin}: {self.name} cannot be unpacked: {error}"
            raise WheelError(msg) from None
        if len(content) != self.size or deflate.crc32(content) != self.crc32:
            msg = f"{self.origin}: {self.name} is damaged inside its wheel (size or checksum differ)"
            raise WheelError(msg)
        return content

    def _unpacked(self) -> Bytes:
        if self.method == DEFLATED:
            return deflate.deflate_decompress(self.data, self.size)
        return bytes(self.data)


def compress(
    name: str, content: Bytes, origin: str, *, executable: bool = False, level: int = LEVEL["standard"]
) -> Entry:
    """An entry of plain bytes, by the pinned deflate library: the host's zlib would give other bytes."""
    packed = deflate.deflate_compress(content, level)
    method, data = (DEFLATED, bytes(packed)) if len(packed) < len(content) else (STORED, content)
    return Entry(
        safe_name(name, origin), executable, method, deflate.crc32(content), len(content), data, origin
    )


def level_of(compression: Compression) -> int:
    """The deflate library's level; a ProjectError for a word that is none of ours."""
    if compression not in LEVEL:
        msg = f"compression is {compression!r}, it must be {' or '.join(LEVEL)}"
        raise ProjectError(msg)
    return LEVEL[compression]


def is_program(content: Bytes) -> bool:
    """Whether Linux could start it: a script that names its interpreter, or ELF."""
    return content.startswith((b"#!", b"\x7fELF"))


def safe_name(name: str, origin: str, prefix: str = "") -> str:
    """`name` in NFC below `prefix`; a WheelError for a path that could leave the folder it is unpacked into.

    Refused as well is what Lambda could not unpack: longer than Linux' limits.
    """
    if _PLAIN.fullmatch(name):
        return f"{prefix}{name}"
    name = unicodedata.normalize("NFC", name)
    parts = name.split("/")
    why = ""
    if name.startswith("/") or _DRIVE.match(name):
        why = "is absolute"
    elif not all(part not in ("", ".", "..") for part in parts):
        why = "has an empty or dotted part"
    elif "\\" in name or _CONTROL.search(name):
        why = "holds a backslash or a control character"
    elif any("\ud800" <= letter <= "\udfff" for letter in name):
        why = "is not valid Unicode"
    elif len(f"{prefix}{name}".encode()) > _PATH_LIMIT or any(
        len(part.encode()) > _PART_LIMIT for part in parts
    ):
        why = f"is longer than Linux takes ({_PART_LIMIT} bytes in a part, {_PATH_LIMIT} in all)"
    if why:
        shown = repr(name) if len(name) <= _SHOWN else f"{name[:_SHOWN]!r}..."
        msg = f"{origin}: the path {shown} {why}, it cannot go into an archive"
        raise WheelError(msg)
    return f"{prefix}{name}"
