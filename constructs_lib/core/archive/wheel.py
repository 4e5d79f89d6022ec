"""A wheel → entries, by raw copy: a wheel already is a zip of deflated files."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from typing import TYPE_CHECKING

from constructs_lib.core.archive.entry import DEFLATED, Entry, compress, safe_name
from constructs_lib.core.errors import WheelError

if TYPE_CHECKING:
    from constructs_lib.core.wheels import Wheel

_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTED = 0x1
_DATA = re.compile(r"^[^/]+\.data/(?P<scheme>[^/]+)/(?P<rest>.+)$")
# Where an installer with `--target` puts the folders of `{distribution}.data/`. Scripts would land in `bin/`,
# which is not on Lambda's PATH, and C headers are for compilers: both stay out.
_KEPT_SCHEMES = frozenset({"purelib", "platlib", "data"})


def wheel_entries(wheel: Wheel, prefix: str = "") -> list[Entry]:
    """The files that installing `wheel` brings, below `prefix` (`python/` in a layer).

    What only an installer needs stays out: scripts, headers, signatures, and bytecode, which is useless once
    file times are normalized.
    """
    try:
        with zipfile.ZipFile(_Reader(wheel.content)) as archive:
            infos = archive.infolist()
            return [
                entry
                for info in infos
                if not info.is_dir() and (name := _installed_name(info.filename)) is not None
                for entry in (_entry(wheel, archive, info, f"{prefix}{name}"),)
            ]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        msg = f"{wheel.filename} is not a wheel that can be read: {error}"
        raise WheelError(msg) from None


def _installed_name(name: str) -> str | None:
    if match := _DATA.match(name):
        if match["scheme"] not in _KEPT_SCHEMES:
            return None
        name = match["rest"]
    folder, _, base = name.rpartition("/")
    if folder.endswith(".dist-info") and base in ("RECORD.jws", "RECORD.p7s"):
        return None
    if base.endswith(".pyc") and folder.rpartition("/")[2] == "__pycache__":
        return None
    return name


def _entry(wheel: Wheel, archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Entry:
    executable = bool(info.external_attr >> 16 & 0o111)
    if info.compress_type != DEFLATED or info.flag_bits & _ENCRYPTED:
        return compress(name, archive.read(info), wheel.filename, executable=executable)
    # The local header's own lengths count: its extra field may differ from the central directory's.
    signature, name_length, extra_length = _LOCAL_HEADER.unpack_from(wheel.content, info.header_offset)
    start = info.header_offset + _LOCAL_HEADER.size + name_length + extra_length
    data = wheel.content[start : start + info.compress_size]
    if signature != b"PK\3\4" or len(data) != info.compress_size:
        msg = f"{wheel.filename} is cut short at {info.filename}"
        raise WheelError(msg)
    safe = safe_name(name, wheel.filename)
    return Entry(safe, executable, DEFLATED, info.CRC, info.file_size, data, wheel.filename)


class _Reader(io.RawIOBase):
    """A file over a memoryview, without the copy that `io.BytesIO` makes."""

    def __init__(self, content: memoryview) -> None:
        self._content = content
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._content)}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def read(self, size: int = -1) -> bytes:
        end = len(self._content) if size < 0 else self._at + size
        piece = bytes(self._content[self._at : end])
        self._at += len(piece)
        return piece
