"""One TLS context for all threads: making one takes as long as fetching a wheel."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from urllib3 import HTTPResponse
from urllib3.util.ssl_ import create_urllib3_context

from constructs_lib.core.index.transport import LONGEST_WAIT, PatientRetry, Transport
from tests.support.patience import PATIENCE

if TYPE_CHECKING:
    import ssl


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


@pytest.mark.parametrize("asked", ["3600", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_a_server_cannot_make_us_wait_for_hours(asked: str, caplog: pytest.LogCaptureFixture) -> None:
    """Half a minute at most, and a line says why; a shorter wait is kept."""
    response = HTTPResponse(status=503, headers={"Retry-After": asked})
    assert PatientRetry(3).get_retry_after(response) == LONGEST_WAIT
    [line] = [record.getMessage() for record in caplog.records]
    assert line.startswith("the index answers HTTP 503 and asks to wait ")
    assert line.endswith(" s: trying again in 30 s")
    assert PatientRetry(3).get_retry_after(HTTPResponse(status=429, headers={"Retry-After": "2"})) == 2
    assert PatientRetry(3).get_retry_after(HTTPResponse(status=503)) is None
