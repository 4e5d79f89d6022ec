"""Git repositories over HTTP on loopback, by git's own server program; with a password if one is set."""

from __future__ import annotations

import base64
import os
import subprocess
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.support.index.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class GitServer:
    """The repositories below a folder."""

    def __init__(self, root: Path, url: str) -> None:
        self._root = root
        self.url = url
        self.credentials = ""
        """`user:password` that every request must bring; empty lets everybody in."""
        self.requests: list[str] = []

    def accepts(self, authorization: str) -> bool:
        wanted = base64.b64encode(self.credentials.encode()).decode()
        return not self.credentials or authorization == f"Basic {wanted}"

    def answer(self, handler: BaseHTTPRequestHandler) -> bytes:
        """Return what `git http-backend` (a CGI program) answers to a request."""
        parts = urlsplit(handler.path)
        length = int(handler.headers.get("Content-Length", 0))
        variables = {
            "GIT_PROJECT_ROOT": str(self._root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": handler.command,
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "CONTENT_TYPE": handler.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(length),
            "HTTP_CONTENT_ENCODING": handler.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": handler.headers.get("Git-Protocol", ""),
            "REMOTE_ADDR": "127.0.0.1",
        }
        done = subprocess.run(
            ["git", "http-backend"],
            input=handler.rfile.read(length),
            env={"PATH": os.environ["PATH"], **variables},
            capture_output=True,
            check=False,
        )
        return done.stdout


@contextmanager
def running_git_server(root: Path) -> Iterator[GitServer]:
    """Serve the repositories below `root` until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.requests.append(self.path)
            if not server.accepts(self.headers.get("Authorization", "")):
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="git"')
                self.end_headers()
                return
            head, _, body = server.answer(self).partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
            self.send_response(int(headers.pop("Status", "200 OK").split()[0]))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

    with serving(Handler) as url:
        server = GitServer(root, url)
        yield server
