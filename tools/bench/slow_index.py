"""A package index on loopback that is slow, and the lock file with its addresses."""

from __future__ import annotations

import re
import shutil
import time
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler
from typing import IO, TYPE_CHECKING, Any

from tests.support.index.serving import serving
from tools.bench.ours import DOWNLOAD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tools.bench.workspace import Workspace

RATE = 5_000_000
"""Bytes a second that one connection carries."""
_PIECE = 1 << 16


@contextmanager
def slow_index(workspace: Workspace, locked: Path) -> Iterator[Path]:
    """Serve the workload's wheels, and make a project whose pylock.toml has their addresses."""
    folder = workspace.folder / "slow" / locked.name
    shutil.rmtree(folder, ignore_errors=True)
    project, wheels = folder / "project", folder / "wheels"
    project.mkdir(parents=True)
    urls = locked / "urls.txt"
    workspace.prepare([workspace.python("ours"), "-c", DOWNLOAD, str(urls), str(wheels)])
    shutil.copy(locked / "pyproject.toml", project)
    pylock = workspace.export_pylock(locked)
    with serving_slowly(wheels, RATE) as address:
        (project / "pylock.toml").write_text(with_addresses(pylock, address), encoding="utf-8")
        names = [url.rpartition("/")[2] for url in urls.read_text(encoding="utf-8").split()]
        (project / "urls.txt").write_text("".join(f"{address}/{name}\n" for name in names), encoding="utf-8")
        yield project


def with_addresses(pylock: str, address: str) -> str:
    """Return a pylock.toml whose files are all at one address, by the name of each."""
    return re.sub(r'\burl = "[^"]*/([^/"]+)"', rf'url = "{address}/\1"', pylock)


def serving_slowly(folder: Path, rate: float) -> AbstractContextManager[str]:
    """Serve a folder's files, each connection at `rate` bytes a second; yield the address."""
    return serving(type("Slow", (_SlowHandler,), {"folder": str(folder), "rate": rate}))


class _SlowHandler(SimpleHTTPRequestHandler):
    """The answers of the index: one after another on a connection, so that its rate is that of each answer."""

    protocol_version = "HTTP/1.1"
    folder: str
    rate: float

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments, directory=self.folder)

    def copyfile(self, source: IO[bytes], outputfile: IO[bytes]) -> None:  # type: ignore[override]
        """Send a file at the connection's rate."""
        send_at_rate(source, outputfile.write, self.rate)


def send_at_rate(
    source: IO[bytes],
    write: Callable[[bytes], object],
    rate: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Write each piece when a line of `rate` bytes a second would have carried it, counted from the first byte."""
    started, sent = clock(), 0
    while piece := source.read(_PIECE):
        sent += len(piece)
        if (early := started + sent / rate - clock()) > 0:
            sleep(early)
        write(piece)
