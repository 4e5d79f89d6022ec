"""A secret whose traces can be found: in files, also inside zips, and in the argument lists of all processes."""

from __future__ import annotations

import base64
import io
import json
import threading
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterator


def forms(username: str, secret: str) -> set[bytes]:
    """Every way in which the secret may be written."""
    texts = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), json.dumps(secret)[1:-1]}
    pair = base64.b64encode(f"{username}:{secret}".encode())
    return {*(text.encode() for text in texts), secret.encode("latin-1"), repr(secret).encode()[1:-1], pair}


def traces(folder: Path, wanted: set[bytes]) -> list[str]:
    """Return the files below `folder`, and the members of zips, that hold one of `wanted` in name or content."""
    found = []
    for path in sorted(folder.rglob("*")):
        named = any(form in path.name.encode() for form in wanted)
        if named or (path.is_file() and _holds(path.read_bytes(), wanted)):
            found.append(str(path.relative_to(folder)))
    return found


def _holds(content: bytes, wanted: set[bytes]) -> bool:
    if any(form in content for form in wanted):
        return True
    if not content.startswith(b"PK\3\4"):
        return False
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return any(_holds(archive.read(name), wanted) for name in archive.namelist())


@contextmanager
def watched_argument_lists(wanted: set[bytes]) -> Iterator[list[bytes]]:
    """Look at all processes again and again; what comes out are the argument lists that hold one of `wanted`."""
    found: list[bytes] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.02):
            for each in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    arguments = each.read_bytes()
                except OSError:
                    continue  # it has ended meanwhile
                if any(form in arguments for form in wanted):
                    found.append(arguments)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield found
    finally:
        stop.set()
        thread.join()
