"""One TLS context for all threads: making one takes as long as fetching a wheel."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from urllib3.util.ssl_ import create_urllib3_context

from constructs_lib.core.index.transport import Transport
from tests.support.patience import PATIENCE

if TYPE_CHECKING:
    import ssl

    import pytest


def test_threads_that_begin_together_share_one_context(monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificates are read once, whichever thread is the first."""
    made: list[ssl.SSLContext] = []

    def slowly() -> ssl.SSLContext:
        made.append(create_urllib3_context())
        time.sleep(0.05)  # long enough for all the others to come
        return made[-1]

    monkeypatch.setattr("constructs_lib.core.index.transport.create_urllib3_context", slowly)
    shared, together = Transport(1, 8), threading.Barrier(8)

    def ask(_: int) -> ssl.SSLContext:
        together.wait(PATIENCE)
        return shared._context

    with ThreadPoolExecutor(8) as pool:
        contexts = list(pool.map(ask, range(8)))
    assert len(made) == 1
    assert all(each is made[0] for each in contexts)
