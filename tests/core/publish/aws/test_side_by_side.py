"""Independent calls at the same time."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.publish.aws.side_by_side import both, side_by_side
from tests.support.patience import PATIENCE

if TYPE_CHECKING:
    from constructs_lib.core.publish.aws.services import AwsServices
    from tests.support.aws.world import World


@pytest.fixture
def services(world: World) -> AwsServices:
    return replace(world.services, threads=4)


def test_acts_run_at_the_same_time(services: AwsServices) -> None:
    """Each waits for the other: one after the other they would never end."""
    meeting = threading.Barrier(2, timeout=PATIENCE)
    places = side_by_side(services, [meeting.wait, meeting.wait])
    assert sorted(places) == [0, 1]


def test_without_threads_they_run_in_order(world: World) -> None:
    """So a test, and a script whose clients may not be safe for threads, sees one call at a time."""
    seen: list[int] = []
    side_by_side(world.services, [partial(seen.append, number) for number in range(5)])
    assert seen == list(range(5))


def test_results_have_the_order_of_the_acts(services: AwsServices) -> None:
    later = threading.Event()

    def end_last() -> str:
        assert later.wait(PATIENCE)
        return "first"

    def end_first() -> int:
        later.set()
        return 2

    assert both(services, end_last, end_first) == ("first", 2)


def test_the_earliest_failure_is_raised_after_all_have_ended(services: AwsServices) -> None:
    """Whichever fails first in time, the error is the same; and nothing runs on behind the answer."""
    failed, ended = threading.Event(), threading.Event()

    def fail_late() -> None:
        assert failed.wait(PATIENCE)
        raise KeyError("the first act")

    def fail_soon() -> None:
        failed.set()
        raise ValueError("the second act")

    with pytest.raises(KeyError, match="the first act"):
        side_by_side(services, [fail_late, fail_soon, ended.set])
    assert ended.is_set()
