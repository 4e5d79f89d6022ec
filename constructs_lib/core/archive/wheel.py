"""A wheel → entries, by raw copy: a wheel already is a zip of deflated files."""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

from constructs_lib.core.archive.entry import DEFLATED, STORED, Entry, compress, safe_name
from constructs_lib.core.errors import WheelError

if TYPE_CHECKING:
    from constructs_lib.core.wheels import Wheel

_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTED = 0x1
_DIST_INFO = re.compile(r"^([^/]+)\.dist-info/WHEEL$")
# Where an installer with `--target` puts the folders of `{distribution}.data/`. Scripts would land in `bin/`,
# which is not on Lambda's PATH, and C headers are for compilers: both stay out.
_KEPT_SCHEMES = frozenset({"purelib", "platlib", "data"})
# A list of what an installer wrote, with its signatures: of a layer it would be wrong.
_INSTALLERS = frozenset({"RECORD", "RECORD.jws", "RECORD.p7s"})
# What `zipfile` and the decompressors behind it raise for bytes that make no sense.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError)


def wheel_entries(wheel: Wheel, prefix: str = "") -> list[Entry]:
    """The files that installing `wheel` brings, below `prefix` (`python/` in a layer).

    What only an installer needs stays out: scripts, headers, RECORD, and bytecode, which is useless once
    file times are normalized. A wheel that was built here is compressed anew: its build backend used the
    host's zlib, whose bytes differ from those of other hosts.
    """
    try:
        with zipfile.ZipFile(_Reader(wheel.content)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            dist_info = next(filter(None, (_DIST_INFO.match(info.filename) for info in infos)), None)
            data = f"{dist_info[1]}.data/" if dist_info else ""
            return [
                _entry(wheel, archive, info, f"{prefix}{name}")
                for info in infos
                if (name := _installed_name(info.filename, data)) is not None
            ]
    except _UNREADABLE as error:
        msg = f"{wheel.filename} is not a wheel that can be read: {error}"
        raise WheelError(msg) from None


def _installed_name(name: str, data: str) -> str | None:
    if data and name.startswith(data):
        scheme, _, name = name.removeprefix(data).partition("/")
        if scheme not in _KEPT_SCHEMES:
            return None
    folder, _, base = name.rpartition("/")
    if folder.endswith(".dist-info") and base in _INSTALLERS:
        return None
    if base.endswith(".pyc") and folder.rpartition("/")[2] == "__pycache__":
        return None
    return name


def _entry(wheel: Wheel, archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Entry:
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        msg = f"{wheel.filename}: {info.filename} is a symbolic link, which wheels do not have"
        raise WheelError(msg)
    if info.compress_type not in (STORED, DEFLATED):
        msg = f"{wheel.filename}: {info.filename} is compressed by method {info.compress_type}, wheels use deflate"
        raise WheelError(msg)
    executable = bool(mode & 0o111)
    if info.compress_type != DEFLATED or info.flag_bits & _ENCRYPTED or wheel.built_here:
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
