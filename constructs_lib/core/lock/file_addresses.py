"""The addresses of files that a lock names by filename and hash alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from packaging.pylock import Pylock
from packaging.version import Version

from constructs_lib.core.errors import FetchError
from constructs_lib.core.index.threads import work_through
from constructs_lib.core.lock.locked import Exported
from constructs_lib.core.lock.whole_release import Releases

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence

    from constructs_lib.core.lock.locked import ExportRequest, LockedFile

_THREADS = 8
_NO_LOCK = Pylock(lock_version=Version("1.0"), created_by="", packages=[])


class Address(NamedTuple):
    """The address of a file, and the index that lists it."""

    url: str
    index_url: str


@dataclass(frozen=True, eq=False)
class FileAddresses:
    """Looks up files on the pages of indexes, by filename and sha256; an answer is kept for ever.

    A wrong one can do no harm, since the sha256 of what is fetched is compared.
    """

    request: ExportRequest

    def of(self, files: Sequence[LockedFile]) -> dict[str, Address]:
        """Return the address of each file by its sha256; a FetchError names one that no index lists."""
        addresses: dict[str, Address] = {}
        missing = []
        for file in files:
            note = self.request.notes.read_note("addresses", file.sha256) if self.request.notes else None
            if note is None:
                missing.append(file)
            else:
                addresses[file.sha256] = Address(note["url"], note["index"])

        def look_up(file: LockedFile, _: threading.Event) -> None:
            addresses[file.sha256] = self._look_up(file)

        if missing:
            work_through(missing, look_up, _THREADS)
        return addresses

    @cached_property
    def _releases(self) -> Releases:
        return Releases(Exported(_NO_LOCK, self.request.project.root), self.request)

    def _look_up(self, file: LockedFile) -> Address:
        listing = self._releases.find(file)
        if listing is None:
            raise FetchError(
                "file-not-listed",
                f"{file} in {self.request.manifest.path}: no index is known that lists {file.filename} with its sha256. "
                f"Was it removed? Then lock again. If it is on another index, declare that in [[tool.poetry.source]] and "
                f"lock again",
            )
        index, files = listing
        url = next(row.url for row in files if (row.filename, row.sha256) == (file.filename, file.sha256))
        if self.request.notes:
            self.request.notes.write_note("addresses", file.sha256, {"url": url, "index": index})
        return Address(url, index)
