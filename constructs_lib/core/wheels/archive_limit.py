"""Source archives that unpack to a bounded number of bytes and files, whatever their headers claim."""

from __future__ import annotations

import io
import tarfile
import zipfile
import zlib
from contextlib import suppress
from typing import IO, Any

from constructs_lib.core.errors import ProjectError

UNREADABLE = (OSError, EOFError, ValueError, KeyError, tarfile.TarError, zipfile.BadZipFile, zlib.error)
"""The errors of the standard library for an archive that is damaged or none."""
MOST_BYTES = 2_000_000_000
"""Of all files and headers; as many as a file of unknown size may have that is fetched."""
MOST_FILES = 200_000
"""The Linux kernel has 90 000."""


def open_tar(content: bytes, filename: str) -> tarfile.TarFile:
    """Open a tar archive of any compression and list its members; a ProjectError for too large a one."""
    archive = _LimitedTar.open(filename, fileobj=io.BytesIO(content))
    size = 0
    for count, member in enumerate(archive, 1):
        # A sparse member unpacks to more bytes than the archive has of it.
        size += member.size
        _refuse_large(size, count, filename)
    return archive


def open_zip(content: bytes, filename: str) -> zipfile.ZipFile:
    """Open a zip, of which no more is unpacked than its directory declares; a ProjectError for too large a one."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    members = archive.infolist()
    _refuse_large(sum(member.file_size for member in members), len(members), filename)
    return archive


def refuse_large_archive(content: bytes, filename: str) -> None:
    """Raise a ProjectError for a source archive that no tool should unpack; one that cannot be read is left to the tool."""
    with suppress(*UNREADABLE):
        opened = open_zip if zipfile.is_zipfile(io.BytesIO(content)) else open_tar
        opened(content, filename).close()


def _refuse_large(size: int, count: int, filename: str) -> None:
    if size > MOST_BYTES or count > MOST_FILES:
        raise ProjectError(
            "source-archive-too-large",
            f"{filename} unpacks to more than {MOST_BYTES / 1e6:.0f} MB or {MOST_FILES} files, so it was not unpacked; "
            f"leave it out or lock another release",
        )


class _LimitedTar(tarfile.TarFile):
    """A tar archive whose unpacked bytes are counted: a compressed header can be as large as a file."""

    @classmethod
    def taropen(cls, name: Any, mode: Any = "r", fileobj: Any = None, **options: Any) -> Any:  # noqa: ANN401 - as declared there
        """Open the unpacked stream, which every kind of compression comes to."""
        return super().taropen(name, mode, _LimitedStream(fileobj, str(name)), **options)


class _LimitedStream(io.RawIOBase):
    """A stream that is not read or skipped behind its `MOST_BYTES`th byte."""

    def __init__(self, stream: IO[bytes], filename: str) -> None:
        super().__init__()
        self._stream, self._filename = stream, filename

    def read(self, size: int = -1) -> bytes:
        left = MOST_BYTES + 1 - self._stream.tell()
        content = self._stream.read(left if size < 0 else min(size, left))
        _refuse_large(self._stream.tell(), 0, self._filename)
        return content

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_SET:
            _refuse_large(offset, 0, self._filename)
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def close(self) -> None:
        self._stream.close()
        super().close()
