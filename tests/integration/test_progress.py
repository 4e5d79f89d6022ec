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
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.index.simple_index import Answer

pytestmark = pytest.mark.integration

BUILD = [sys.executable, "-m", "constructs_lib", "build", "shop", "--out", "out", "--python", "3.12"]
WHEEL = "acme-1.0-py3-none-any.whl"


class Held:
    """An answer that waits until somebody has seen enough."""

    def __init__(self) -> None:
        self.seen = threading.Event()

    def __call__(self, content: bytes) -> Answer:
        assert self.seen.wait(PATIENCE)
        return 200, {}, content


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


def build(shop: Shop, read: Callable[[], str], stderr: int) -> str:
    """Build with an index that holds the wheel back until it was announced; return what was shown."""
    held = Held()
    shop.index.faults[WHEEL] = [held]
    environment = {**os.environ, "CONSTRUCTS_LIB_STORE": str(shop.store.root), "COLUMNS": "100"}
    with subprocess.Popen(
        BUILD, cwd=shop.root, env=environment, stdout=subprocess.DEVNULL, stderr=stderr
    ) as process:
        os.close(stderr)
        shown = ""
        while piece := read():
            shown += piece
            if "fetching 1 file, 0.2 MB" in shown:
                held.seen.set()
    assert process.returncode == 0, shown
    return shown


def test_without_a_terminal_a_step_that_lasts_is_announced(shop: Shop) -> None:
    """In CI and under `cdk synth`: one line while it is done, one when it is done."""
    readable, writable = os.pipe()
    shown = build(shop, lambda: os.read(readable, 1000).decode(), writable)
    os.close(readable)
    lines = [line for line in shown.splitlines() if "1 file" in line]
    assert lines[0] == "fetching 1 file, 0.2 MB …"
    assert lines[-1].startswith("fetched 1 file, 0.2 MB  ")
    assert "\x1b" not in shown


def test_on_a_terminal_it_is_shown_at_once(shop: Shop) -> None:
    """With a bar; its place is free again when the line about the result is written."""
    ours, theirs = pty.openpty()

    def read() -> str:
        try:
            return os.read(ours, 1000).decode()
        except OSError:  # the other end is closed
            return ""

    shown = build(shop, read, theirs)
    os.close(ours)
    assert "━" in shown
    assert "fetched 1 file, 0.2 MB  " in shown
    assert "…" not in shown
