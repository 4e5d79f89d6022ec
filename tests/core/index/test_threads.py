"""Items worked through by several threads."""

from __future__ import annotations

import threading

import pytest

from constructs_lib.core.index.threads import work_through
from tests.support.patience import PATIENCE


def test_everything_is_done_once() -> None:
    """Every item is done, by as many threads as were asked for and no more."""
    done: list[int] = []
    threads: set[int] = set()

    def do(item: int, _: threading.Event) -> None:
        threads.add(threading.get_ident())
        done.append(item)

    work_through(range(100), do, 4)
    assert sorted(done) == list(range(100))
    assert 1 <= len(threads) <= 4


def test_nothing_to_do_starts_nothing() -> None:
    """No item, no thread."""
    before = threading.active_count()
    work_through([], lambda item, stop: None, 4)
    assert threading.active_count() == before


def test_the_first_failure_is_raised_and_the_others_stop() -> None:
    """A busy thread learns it by the event; what was not begun is left."""
    stopped = threading.Event()
    begun: list[str] = []

    def do(item: str, stop: threading.Event) -> None:
        begun.append(item)
        if item == "bad":
            raise ValueError(item)
        if stop.wait(PATIENCE):
            stopped.set()

    with pytest.raises(ValueError, match="bad"):
        work_through(["slow", "bad", "late"], do, 2)
    assert stopped.wait(PATIENCE)
    assert begun in (["slow", "bad"], ["bad", "slow"])
