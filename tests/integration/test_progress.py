"""What a person sees while an index is slow: the test decides when a file comes, so no clock does."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.store.wheel_store import WheelStore
from tests.support.builders.uv import Shop
from tests.support.index.simple_index import running_index
from tests.support.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tests.support.index.simple_index import Answer

pytestmark = pytest.mark.integration

BUILD = ["build", "shop", "--out", "out", "--python", "3.12"]
WHEEL = "acme-1.0-py3-none-any.whl"


IMPATIENT = """\
from constructs_lib.core import progress
progress.PATIENCE = progress.INTERVAL = progress._POLL = 0.05
from constructs_lib.cli import main
main()
"""
ANNOUNCED, HALF = "fetching 1 file, 0.2 MB", "fetching 1 file, 0.1 MB of 0.2 MB"


class Paced:
    """An answer in two halves, each of which waits until somebody has seen enough of what was before."""

    def __init__(self) -> None:
        self.seen = threading.Semaphore(0)

    def __call__(self, content: bytes) -> Answer:
        return 200, {"Content-Length": str(len(content))}, self._halves(content)

    def _halves(self, content: bytes) -> Iterator[bytes]:
        middle = len(content) // 2
        for half in (content[:middle], content[middle:]):
            assert self.seen.acquire(timeout=PATIENCE)
            yield half


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with running_index() as index:
        made = Shop(tmp_path, index, WheelStore(tmp_path / "store"))
        made.serve("acme", files={"acme/__init__.py": os.urandom(200_000)})
        made.locked("acme")
        # As the lock has it from an index with a JSON page, which names sizes.
        lock = made.project / "uv.lock"
        size = len(index.files[WHEEL])
        lock.write_text(
            re.sub(r'(hash = "sha256:[0-9a-f]{64}") }', rf"\1, size = {size} }}", lock.read_text())
        )
        yield made


def build(
    shop: Shop, read: Callable[[], bytes], stderr: int, states: Sequence[str], *, code: str = ""
) -> str:
    """Build with an index that sends a half once each of `states` was shown; return all that was shown."""
    paced = Paced()
    shop.index.faults[WHEEL] = [paced]
    environment = {**os.environ, "CONSTRUCTS_LIB_STORE": str(shop.store.root), "COLUMNS": "100"}
    program = ["-c", code] if code else ["-m", "constructs_lib"]
    with subprocess.Popen(
        [sys.executable, *program, *BUILD],
        cwd=shop.root,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
    ) as process:
        os.close(stderr)
        written, shown, awaited = b"", "", list(states)
        while piece := read():
            written += piece  # a piece may end inside of a character
            shown = written.decode(errors="replace")
            while awaited and awaited[0] in shown:
                paced.seen.release(1 if awaited.pop(0) != states[-1] else 2)
    assert process.returncode == 0, shown
    assert awaited == [], shown
    return shown


def test_without_a_terminal_a_step_that_lasts_is_announced(shop: Shop) -> None:
    """In CI and under `cdk synth`: one line while it is done, one when it is done."""
    readable, writable = os.pipe()
    shown = build(shop, lambda: os.read(readable, 1000), writable, [f"{ANNOUNCED} …"])
    os.close(readable)
    lines = [line for line in shown.splitlines() if "1 file" in line]
    assert lines[0] == "fetching 1 file, 0.2 MB …"
    assert lines[-1].startswith("fetched 1 file, 0.2 MB  ")
    assert "\x1b" not in shown


def test_without_a_terminal_later_lines_have_the_bytes_so_far(shop: Shop) -> None:
    """So that a slow index is told from one that has stopped; the intervals are short here, and nothing else."""
    readable, writable = os.pipe()
    states = [f"{ANNOUNCED} …", f"{HALF} …"]
    shown = build(shop, lambda: os.read(readable, 1000), writable, states, code=IMPATIENT)
    os.close(readable)
    lines = list(
        dict.fromkeys(line for line in shown.splitlines() if "file" in line and "lock file" not in line)
    )
    assert lines[:2] == states
    assert lines[-1].startswith("fetched 1 file, 0.2 MB  ")


def test_on_a_terminal_it_is_shown_at_once(shop: Shop) -> None:
    """With a bar and the bytes so far; its place is free again when the line about the result is written."""
    ours, theirs = pty.openpty()

    def read() -> bytes:
        try:
            return os.read(ours, 1000)
        except OSError:  # the other end is closed
            return b""

    shown = build(shop, read, theirs, [ANNOUNCED, HALF])
    os.close(ours)
    assert "━" in shown
    assert "fetched 1 file, 0.2 MB  " in shown
    assert "…" not in shown
