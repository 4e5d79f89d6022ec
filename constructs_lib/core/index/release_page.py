"""The files of a project on its index: the simple repository API, as JSON (PEP 691) or HTML (PEP 503)."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from constructs_lib.core.errors import FetchError
from constructs_lib.core.system.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from constructs_lib.core.index.http_session import Pages

ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.2, text/html; q=0.1"
_SHA256 = re.compile(r"sha256=([0-9A-Fa-f]{64})")


class ReleaseFile(NamedTuple):
    """One file that the index has of a project, of whatever version."""

    filename: str
    url: str
    sha256: str
    """Lower-case hex; empty where the index names none."""
    requires_python: str
    is_yanked: bool


def read_release_page(index: str, name: str, pages: Pages) -> list[ReleaseFile]:
    """Return all files that `index` lists of the project `name`, which is normalized; none if it has no such project.

    A FetchError has the reason where the index does not answer, and a remedy.
    """
    return _read_page(f"{index.rstrip('/')}/{name}/", index, name, pages)


def read_flat_page(index: str, name: str, pages: Pages) -> list[ReleaseFile]:
    """Return all files that a flat index lists, of the project `name` and of others; none if there is no such page."""
    return _read_page(index, index, name, pages)


def read_flat_folder(folder: Path) -> list[ReleaseFile]:
    """Return all files of a flat index on this machine, without their hashes."""
    return [
        ReleaseFile(path.name, path.as_uri(), sha256="", requires_python="", is_yanked=False)
        for path in sorted(folder.iterdir())
    ]


def _read_page(url: str, index: str, name: str, pages: Pages) -> list[ReleaseFile]:
    failed = (
        f"the list of {name}'s files, which the lock file does not name completely, could not be fetched from "
        f"{redact(url)}"
    )
    page = pages.get(url, index, ACCEPT, failed)
    if page is None:
        return []
    try:
        if "json" in page.content_type:
            return list(_from_json(json.loads(page.content), page.url))
        return list(_from_html(page.content.decode(errors="replace"), page.url))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise FetchError("download-failed", f"{failed}: the answer is no page of an index") from None


def _from_json(page: Any, base: str) -> Iterator[ReleaseFile]:  # noqa: ANN401 - its form is checked by its use
    for file in page["files"]:
        yield ReleaseFile(
            str(file["filename"]),
            urljoin(base, file["url"]),
            str(file["hashes"].get("sha256", "")).lower(),
            str(file.get("requires-python") or ""),
            file.get("yanked", False) is not False,
        )


def _from_html(page: str, base: str) -> Iterator[ReleaseFile]:
    links = _Links(base)
    links.feed(page)
    for url, attributes in links.links:
        address, _, fragment = url.partition("#")
        sha256 = _SHA256.search(fragment)
        yield ReleaseFile(
            unquote(urlsplit(address).path.rpartition("/")[2]),
            address,
            sha256[1].lower() if sha256 else "",
            attributes.get("data-requires-python") or "",
            "data-yanked" in attributes,
        )


class _Links(HTMLParser):
    """The links of an HTML page."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base
        self.links: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a link; a `<base>` is where relative ones start from."""
        attributes = dict(attrs)
        href = attributes.get("href")
        if href and tag == "base":
            self._base = urljoin(self._base, href)
        elif href and tag == "a":
            self.links.append((urljoin(self._base, href), attributes))
