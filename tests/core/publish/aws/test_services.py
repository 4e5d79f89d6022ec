"""The clock of a publishing step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.publish.aws.services import AwsServices, Clock
from constructs_lib.core.publish.layers.ensure import ensure_layer
from tests.support.aws.world import FakeTime

if TYPE_CHECKING:
    from tests.support.aws.world import World


def test_waiting_ends_at_the_deadline() -> None:
    """A wait that would pass it is not begun."""
    time = FakeTime()
    clock = Clock(time.now, time.sleep, deadline=10)
    assert clock.wait(4)
    assert not clock.wait(6)
    assert time.slept == [4]
    assert not clock.is_over
    time.sleep(6)
    assert clock.is_over


def test_each_attempt_waits_longer_but_never_more_than_twenty_seconds() -> None:
    time = FakeTime()
    clock = Clock(time.now, time.sleep)
    for attempt in range(12):
        assert clock.back_off(attempt)
    assert all(0.5 <= seconds / min(20, 0.5 * 2**attempt) <= 1 for attempt, seconds in enumerate(time.slept))


def test_without_a_listener_a_layer_is_published_all_the_same(world: World) -> None:
    """Outside of CloudFormation no answer waits for the ARN."""
    aws = world.services
    services = AwsServices(aws.s3, aws.lambda_, aws.publisher)
    assert ensure_layer(services, world.layer()).is_new
    assert world.published == []
