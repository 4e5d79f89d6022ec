"""The addresses of files that a lock names by filename and hash alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.errors import FetchError
from constructs_lib.core.lock.known_indexes import KnownIndexes, is_lasting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs_lib.core.index.release_page import ReleaseFile
    from constructs_lib.core.lock.locked import ExportRequest, LockedFile


class Address(NamedTuple):
    """The address of a file, and the index that lists it."""

    url: str
    index_url: str


@dataclass(frozen=True, eq=False)
class FileAddresses:
    """Looks up files on the pages of indexes, by filename and sha256; an answer is kept for these indexes.

    A wrong one can do no harm, since the sha256 of what is fetched is compared.
    """

    request: ExportRequest

    def of(self, files: Sequence[LockedFile]) -> dict[str, Address]:
        """Return the address of each file by its sha256; a FetchError names one that no index lists."""
        addresses: dict[str, Address] = {}
        missing = []
        notes = self.request.notes
        for file in files:
            note = notes.read_note("addresses", self._note_key(file)) if notes else None
            if note is None:
                missing.append(file)
            else:
                addresses[file.sha256] = Address(note["url"], note["index"])

        def look_up(file: LockedFile) -> None:
            addresses[file.sha256] = self._look_up(file)

        self._indexes.for_each(missing, look_up)
        return addresses

    @cached_property
    def _indexes(self) -> KnownIndexes:
        return KnownIndexes((), self.request)

    def _note_key(self, file: LockedFile) -> str:
        return self._indexes.note_key(file.sha256, file.index)

    def _look_up(self, file: LockedFile) -> Address:
        def is_same(listed: ReleaseFile) -> bool:
            return (listed.filename, listed.sha256) == (file.filename, file.sha256)

        page = self._indexes.first_page(file.name, is_same, self._indexes.candidates(file.index))
        if page is None:
            raise FetchError(
                "file-not-listed",
                f"{file} in {self.request.manifest.path}: no index is known that lists {file.filename} with its sha256. "
                f"Was it removed? Then lock again. If it is on another index, declare that in [[tool.poetry.source]] and "
                f"lock again",
            )
        url = next(listed.url for listed in page.files if is_same(listed))
        if self.request.notes and is_lasting(url):
            note = {"url": url, "index": page.index_url}
            self.request.notes.write_note("addresses", self._note_key(file), note)
        return Address(url, page.index_url)
