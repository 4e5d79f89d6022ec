"""A package index on loopback: the simple pages (PEP 503) and the files, with counters and faults."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from tests.support.files.wheels import locked_file
from tests.support.index.serving import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from constructs_lib.core.lock.locked import LockedFile

Answer = tuple[int, dict[str, str], "bytes | Iterator[bytes]"]
"""Status, headers and body; a Content-Length that is missing here is filled in, but for a body in pieces."""


def status(code: int, **headers: str) -> Callable[[bytes], Answer]:
    """Answer without the file."""
    return lambda _: (code, headers, b"")


def cut_short(content: bytes) -> Answer:
    """Half the file, then the connection ends."""
    return 200, {"Content-Length": str(len(content))}, content[: len(content) // 2]


def swapped(content: bytes) -> Answer:
    """As many bytes as there should be, but others."""
    return 200, {}, bytes(len(content))


class Index:
    """What the server serves, what was asked for, and what goes wrong next."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.files: dict[str, bytes] = {}
        self.asked: Counter[str] = Counter()
        self.faults: dict[str, list[Callable[[bytes], Answer]]] = {}
        """By file name: one is used up by each request; when none is left, the file is served."""
        self.credentials = ""
        """`user:password` that every request must bring; empty lets everybody in."""

    @property
    def simple(self) -> str:
        return f"{self.url}/simple"

    @property
    def flat(self) -> str:
        """A page with links to all files, for `--find-links`."""
        return f"{self.url}/flat.html"

    def add(self, filename: str, content: bytes) -> LockedFile:
        """Serve a file; the answer is how a lock would name it."""
        self.files[filename] = content
        return locked_file(filename, content, f"{self.url}/files/{filename}")

    def answer(self, path: str, authorization: str) -> Answer:
        wanted = base64.b64encode(self.credentials.encode()).decode()
        if self.credentials and authorization != f"Basic {wanted}":
            return 401, {"WWW-Authenticate": 'Basic realm="index"'}, b""
        if match := re.fullmatch(r"/simple/([^/]+)/", path):
            return 200, {"Content-Type": "text/html"}, self._page(match[1]).encode()
        if path == "/flat.html":
            return 200, {"Content-Type": "text/html"}, self._page().encode()
        filename = path.removeprefix("/files/")
        if filename.endswith(".metadata"):
            return 200, {}, _metadata(self.files[filename.removesuffix(".metadata")])
        self.asked[filename] += 1
        if filename not in self.files:
            return 404, {}, b""
        if faults := self.faults.get(filename):
            return faults.pop(0)(self.files[filename])
        return 200, {}, self.files[filename]

    def _page(self, project: str | None = None) -> str:
        return "".join(
            f'<a href="/files/{name}#sha256={hashlib.sha256(content).hexdigest()}"'
            f"{' data-core-metadata=true' if name.endswith('.whl') else ''}>{name}</a>\n"
            for name, content in self.files.items()
            if project in (None, canonicalize_name(name.partition("-")[0]))
        )


def _metadata(wheel: bytes) -> bytes:
    """Return the metadata, which a resolver reads instead of the whole file (PEP 658)."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        [name] = [each for each in archive.namelist() if each.endswith(".dist-info/METADATA")]
        return archive.read(name)


@contextmanager
def running_index() -> Iterator[Index]:
    """Serve until the end of the block; afterwards connections are refused."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            code, headers, body = index.answer(self.path, self.headers.get("Authorization", ""))
            if isinstance(body, bytes):
                self.close_connection |= int(headers.get("Content-Length", len(body))) != len(body)
                headers = {"Content-Length": str(len(body)), **headers}
                body = iter([body])
            self.send_response(code)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            for piece in body if self.command == "GET" else ():
                self.wfile.write(piece)

        def do_HEAD(self) -> None:
            self.do_GET()

    with serving(Handler) as url:
        index = Index(url)
        yield index
