"""The package indexes that may list a locked file: of the lock file, the environment, the project, and uv's own."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from constructs_lib.core.index.auth import Access
from constructs_lib.core.index.declared import indexes_of
from constructs_lib.core.index.http_session import Pages
from constructs_lib.core.index.release_page import ReleaseFile, read_flat_page, read_release_page
from constructs_lib.core.lock.uv import environment
from constructs_lib.core.system import process
from constructs_lib.core.system.secrets import without_user

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from constructs_lib.core.index.declared import Index
    from constructs_lib.core.lock.locked import ExportRequest

_INDEX_VARIABLES = (
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

ReadPage = Callable[[str, str, Pages], list[ReleaseFile]]
"""Returns the files that the index at an address lists of a project."""


@dataclass(frozen=True, eq=False)
class KnownIndexes:
    """The indexes to ask for the files of one lock file, in order; `named` are those that the lock file names."""

    named: Sequence[str]
    request: ExportRequest
    named_flat: Sequence[str] = ()
    """Pages with links to files of many projects that the lock file names."""

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

    @cached_property
    def _flat(self) -> tuple[str, ...]:
        """The pages with links to files of many projects."""
        settings = self.request.project.pyproject.flat_indexes
        listed = re.split(r"[\s,]+", os.environ.get("UV_FIND_LINKS", ""))
        return tuple(addresses((*self.named_flat, *settings, *listed)))

    @cached_property
    def _default(self) -> tuple[str, ...]:
        """The index that uv asks where nothing else is set; 16 ms, for a release that is asked for the first time."""
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


def addresses(urls: Iterable[str]) -> Iterator[str]:
    """Yield the addresses of indexes that can be asked, without logins, each once."""
    plain = dict.fromkeys(without_user(url)[0] for url in urls)
    return (url for url in plain if url.startswith(("https:", "http:")))


def entry_address(entry: str) -> str:
    """Return the address of `address` or `name=address`, as uv's variables take both."""
    name, equals, url = entry.partition("=")
    return url if equals and ":" not in name else entry


def _environment_indexes() -> Iterator[str]:
    for variable in _INDEX_VARIABLES:
        yield from map(entry_address, os.environ.get(variable, "").split())
