"""pypiserver behind basic authentication on loopback, with a book of who asked with what.

It runs in a process of its own: what it does to Python's import system is its own business.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from tests.support.patience import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    StartResponse = Callable[[str, list[tuple[str, str]]], object]
    Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]

    from constructs_lib.core.index.credentials import Credentials

ROOT = Path(__file__).resolve().parents[3]
PYPROJECT = """\
[project]
name = "shop"
version = "1.0"
requires-python = ">=3.10"
dependencies = ["cart"]

[[tool.uv.index]]
name = "{name}"
url = "{url}"
default = true
"""


@dataclass
class Manners:
    """What the index does out of the ordinary."""

    redirects: dict[str, str] = field(default_factory=dict)
    """Path → where its answer sends the client."""
    refused: bool = False
    """Every request is answered with 403, as by a token that has ended."""
    hanging: bool = False
    """Requests for files get no answer for long."""


@dataclass
class PrivateIndex:
    """A running index."""

    folder: Path
    username: str
    password: str
    url: str = ""

    @property
    def simple(self) -> str:
        return f"{self.url}/simple/"

    def pyproject(self, name: str = "vault") -> str:
        """Return the pyproject.toml of a project `shop` that has `cart` from this index, which it calls `name`."""
        return PYPROJECT.format(name=name, url=self.simple)

    @property
    def packages(self) -> Path:
        """The folder of what it serves."""
        return self.folder / "packages"

    @property
    def basic(self) -> str:
        """The Authorization header that is right."""
        return basic(self.username, self.password)

    @property
    def asked(self) -> list[tuple[str, str]]:
        """Path and Authorization header of each request since the last `reset`."""
        return [(path, sent) for path, sent in map(json.loads, self._book.read_text().splitlines())]

    def files_asked(self) -> list[tuple[str, str]]:
        return [(path, sent) for path, sent in self.asked if path.startswith("/packages/")]

    def wait_until_asked(self, start: str) -> None:
        wait_until(lambda: any(path.startswith(start) for path, _ in self.asked), f"{start} was asked for")

    def credentials(self, name: str = "vault") -> Credentials:
        from constructs_lib.core.index.credentials import Credentials

        return Credentials(name, self.simple, self.username, self.password)

    def behave(self, manners: Manners) -> None:
        (self.folder / "manners.json").write_text(json.dumps(asdict(manners)))

    def reset(self) -> None:
        self._book.write_text("")
        self.behave(Manners())

    @property
    def _book(self) -> Path:
        return self.folder / "book"

    def manners(self) -> Manners:
        return Manners(**json.loads((self.folder / "manners.json").read_text()))


def basic(username: str, password: str) -> str:
    """Return an Authorization header by RFC 7617, in UTF-8."""
    return f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"


@contextmanager
def running_private_index(
    folder: Path, username: str = "", password: str = "", *, host: str = "127.0.0.1"
) -> Iterator[PrivateIndex]:
    """Serve the wheels in `folder/packages`; an empty password lets everybody in."""
    index = PrivateIndex(folder, username, password)
    index.packages.mkdir(parents=True, exist_ok=True)
    index.reset()
    # By its stdin, since an argument list is what passwords must not be in.
    told = json.dumps({"folder": str(folder), "username": username, "password": password, "host": host})
    command = [sys.executable, "-W", "ignore", "-m", "tests.support.index.private_index"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            server.stdin.write(f"{told}\n")
            server.stdin.flush()
            index.url = f"http://{host}:{server.stdout.readline().strip()}"
            yield index
        finally:
            server.kill()


# --- the server's process --------------------------------------------------------------------------------


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore a client that went away: some tests are about that."""


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in http.server
        pass


def _application(index: PrivateIndex) -> Application:
    import pypiserver  # type: ignore[import-untyped]

    app = pypiserver.app(
        roots=[index.packages],
        authenticate=["list", "download"] if index.password else [],
        auther=lambda user, password: (user, password) == (index.username, index.password),
        disable_fallback=True,
    )

    def answer(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        with index._book.open("a") as book:
            book.write(json.dumps([path, environ.get("HTTP_AUTHORIZATION", "")]) + "\n")
        manners = index.manners()
        if manners.hanging:
            time.sleep(3600)
        if manners.refused:
            start("403 Forbidden", [("Content-Length", "0")])
            return []
        if target := manners.redirects.get(path):
            start("302 Found", [("Location", target), ("Content-Length", "0")])
            return []
        answered: Iterable[bytes] = app(environ, start)
        return answered

    return answer


def main() -> None:
    """Serve until killed; the first line of stdin says what, the first of stdout where."""
    told = json.loads(sys.stdin.readline())
    index = PrivateIndex(Path(told["folder"]), told["username"], told["password"])
    with _Server((told["host"], 0), _Quiet) as server:
        server.set_app(_application(index))
        print(server.server_address[1], flush=True)  # noqa: T201 - its answer
        server.serve_forever()


if __name__ == "__main__":
    main()
