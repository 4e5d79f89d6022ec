"""The package indexes that may list a locked file: of the lock file, the environment, the project, and uv's own."""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from urllib.parse import urlsplit

from constructs_lib.core.errors import FetchError
from constructs_lib.core.index.auth import Access
from constructs_lib.core.index.declared import indexes_of
from constructs_lib.core.index.http_session import Pages
from constructs_lib.core.index.release_page import ReleaseFile, read_flat_page, read_release_page
from constructs_lib.core.index.threads import work_through
from constructs_lib.core.lock.uv import environment
from constructs_lib.core.system import process
from constructs_lib.core.system.secrets import without_user

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from constructs_lib.core.index.declared import Index
    from constructs_lib.core.lock.locked import ExportRequest

INDEX_VARIABLES = (
    "UV_DEFAULT_INDEX",
    "UV_INDEX_URL",
    "UV_INDEX",
    "UV_EXTRA_INDEX_URL",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
)
# Resolves nothing and prints the index that uv asks where nothing else is set.
_ASK_UV = (
    "pip",
    "compile",
    "--emit-index-url",
    "--no-header",
    "--quiet",
    "--offline",
    "--no-python-downloads",
    "-",
)
_INDEX_LINE = "--index-url "
_THREADS = 8

Item = TypeVar("Item")

ReadPage = Callable[[str, str, Pages], list[ReleaseFile]]
"""Returns the files that the index at an address lists of a project."""


class IndexPage(NamedTuple):
    """A page of an index that lists a file which was looked for."""

    index_url: str
    files: list[ReleaseFile]


@dataclass(frozen=True, eq=False)
class KnownIndexes:
    """The indexes to ask for the files of one lock file, in order; `named` are those that the lock file names."""

    named: Sequence[str]
    request: ExportRequest
    named_flat: Sequence[str] = ()
    """Pages with links to files of many projects that the lock file names."""
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @cached_property
    def pages(self) -> Pages:
        return Pages(Access(self.request.credentials, self._declared, self.request.project.root))

    def candidates(self, index: str | None = None, location: str = "") -> Iterator[tuple[str, ReadPage]]:
        """Yield the indexes that may list the file at `location`, and how to read them.

        That is the one that the lock file names for it, else all that are known.
        """
        if index:
            is_flat = index in self._flat or _is_flat(index, location)
            yield index, read_flat_page if is_flat else read_release_page
            return
        yield from ((url, read_flat_page) for url in self._flat)
        yield from ((url, read_release_page) for url in self._known)
        yield from ((url, read_release_page) for url in self._default)

    def first_page(
        self,
        name: str,
        is_match: Callable[[ReleaseFile], bool],
        candidates: Iterable[tuple[str, ReadPage]],
    ) -> IndexPage | None:
        """Return the first page of a project that lists a matching file; raise if none does and one did not answer.

        Match by hash: anybody may publish a project of a private name on another index.
        """
        refusal: FetchError | None = None
        asked: set[tuple[str, ReadPage]] = set()
        for candidate in candidates:
            if candidate in asked:
                continue
            asked.add(candidate)
            index_url, read = candidate
            try:
                files = read(index_url, name, self.pages)
            except FetchError as error:
                refusal = refusal or error
                continue
            if any(map(is_match, files)):
                return IndexPage(index_url, files)
        if refusal is not None:
            raise refusal
        return None

    def for_each(self, items: Sequence[Item], do: Callable[[Item], object]) -> None:
        """Call `do`, which reads pages, with every item, several at once."""
        if items:
            # Made before the threads start: a `cached_property` has no lock since Python 3.12.
            _ = (self.pages, self._flat, self._known)
        work_through(items, lambda item, _: do(item), _THREADS)

    def note_key(self, subject: object, index: str | None = None) -> str:
        """Return the key of a note about a file: the same file may have another address on other indexes.

        `index` is the one that the lock file names for it. The index that only uv can name is left out, since a full
        store needs no uv.
        """
        asked = [index] if index else [*self._flat, *self._known]
        return hashlib.sha256(json.dumps([subject, asked]).encode()).hexdigest()

    @cached_property
    def _flat(self) -> tuple[str, ...]:
        """The pages with links to files of many projects."""
        settings = self.request.project.pyproject.flat_indexes
        listed = re.split(r"[\s,]+", os.environ.get("UV_FIND_LINKS", ""))
        return tuple(addresses((*self.named_flat, *settings, *listed)))

    @property
    def _default(self) -> tuple[str, ...]:
        """The index that uv asks where nothing else is set; 16 ms, for a release that is asked for the first time."""
        with self._lock:
            return self._cached_default

    @cached_property
    def _cached_default(self) -> tuple[str, ...]:
        answer = process.run(
            [process.find_tool("uv"), *_ASK_UV],
            cwd=self.request.project.root,
            env=environment(self.request.credentials),
        )
        urls = [
            line.removeprefix(_INDEX_LINE) for line in answer.splitlines() if line.startswith(_INDEX_LINE)
        ]
        return tuple(addresses(url for url in urls if url not in self._known))

    @cached_property
    def _declared(self) -> list[Index]:
        return indexes_of(self.request.project, self.request.manifest.path.parent)

    @cached_property
    def _known(self) -> tuple[str, ...]:
        declared = (index.url for index in self._declared if index.url not in self._flat)
        return tuple(addresses((*self.named, *_environment_indexes(), *declared)))


def _is_flat(index_url: str, location: str) -> bool:
    """Return whether an index whose settings are not known is flat: it has the file itself, or is a page."""
    return location.rpartition("/")[0] == index_url.rstrip("/") or index_url.endswith((".html", ".htm"))


def is_lasting(url: str) -> bool:
    """Return whether an address may be kept: one with a query may be signed for minutes, one with a login is a secret."""
    parts = urlsplit(url)
    return not parts.query and "@" not in parts.netloc


def addresses(urls: Iterable[str]) -> Iterator[str]:
    """Yield the addresses of indexes that can be asked, without logins, each once."""
    plain = dict.fromkeys(without_user(url)[0] for url in urls)
    return (url for url in plain if url.startswith(("https:", "http:")))


def entry_address(entry: str) -> str:
    """Return the address of `address` or `name=address`, as uv's variables take both."""
    name, equals, url = entry.partition("=")
    return url if equals and ":" not in name else entry


def _environment_indexes() -> Iterator[str]:
    for variable in INDEX_VARIABLES:
        yield from map(entry_address, os.environ.get(variable, "").split())
