"""The bytes and seconds that one answer may take."""

from __future__ import annotations

import pytest

from constructs_lib.core.errors import FetchError
from constructs_lib.core.index.allowance import Allowance


def test_a_file_of_its_size_is_let_through() -> None:
    """In any pieces, with or without an announced size."""
    allowance = Allowance("x failed", 10)
    allowance.announce(None)
    allowance.announce(10)
    for size in (0, 3, 7):
        allowance.take(size)
    allowance.close()


def test_an_unknown_size_has_a_limit_of_its_own() -> None:
    """The announced one is compared before anything comes."""
    allowance = Allowance("x failed", largest=10)
    allowance.take(10)
    allowance.close()
    with pytest.raises(FetchError, match=r"^x failed: it has more than 0 MB") as caught:
        allowance.announce(11)
    assert caught.value.id == "download-too-large"
    with pytest.raises(FetchError, match="it has more than"):
        allowance.take(1)


@pytest.mark.parametrize("received", [9, 11])
def test_another_size_than_the_locked_one_is_refused(received: int) -> None:
    """Too many bytes as soon as they come, too few at the end."""
    allowance = Allowance("x failed", 10)

    def receive() -> None:
        allowance.take(received)
        allowance.close()

    with pytest.raises(
        FetchError, match=r"the file has .*, the lock records 10\. It was not stored"
    ) as caught:
        receive()
    assert caught.value.id == "download-changed"


def test_the_time_grows_with_the_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two minutes for anything, then ten kilobytes a second."""
    now = 0.0
    monkeypatch.setattr("constructs_lib.core.index.allowance.time.monotonic", lambda: now)
    small, large = Allowance("small", 1000), Allowance("large", 100_000_000)
    now = 130.0
    large.take(1)
    with pytest.raises(
        FetchError, match=r"^small: 1 bytes came in 120 s, and the rest is not waited for; try again"
    ):
        small.take(1)


def test_the_time_of_an_unknown_size_is_that_of_the_announced_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else an hour: a server that names no size does not decide how long we wait."""
    now = 0.0
    monkeypatch.setattr("constructs_lib.core.index.allowance.time.monotonic", lambda: now)
    announced, silent = Allowance("announced"), Allowance("silent")
    announced.announce(1000)
    now = 130.0
    silent.take(1)
    with pytest.raises(FetchError, match="1 bytes came in 120 s"):
        announced.take(1)
    now = 3601.0
    with pytest.raises(FetchError, match="2 bytes came in 3600 s"):
        silent.take(1)
