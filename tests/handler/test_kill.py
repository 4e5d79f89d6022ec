"""The function's process really dies (SIGKILL, as when memory runs out), at every call it makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.aws.http import AwsOverHttp, open_aws_over_http

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.aws.events import Event, Stack
    from tests.support.aws.world import World


@pytest.fixture
def process(world: World) -> Iterator[AwsOverHttp]:
    with open_aws_over_http(world) as opened:
        yield opened


@pytest.mark.parametrize(
    ("kind", "after", "left"),
    [("Create", False, [1]), ("Update", True, [1, 2]), ("Delete", True, [])],
    ids=["Create, before the call", "Update, after the call", "Delete, after the call"],
)
def test_a_killed_process_is_made_good_by_the_next_delivery(
    stack: Stack, world: World, process: AwsOverHttp, kind: str, after: bool, left: list[int]
) -> None:
    """D39: nothing is answered, the event comes again, and there is exactly one version for it; or none."""

    def run(event: Event, kill_at: int | None = None) -> dict[str, Any] | None:
        stack.response_url.arrived.clear()
        process.run(event, kill_at, after=after)
        return stack.response_url.answers[0] if stack.response_url.arrived else None

    for call in range(1, 20, 2 if kind == "Update" else 1):
        # A layer of its own, so that every round starts from nothing.
        ours = {"LayerName": f"deps{call}", "Prefix": f"deps{call}", "RemovalPolicy": "destroy"}
        arn = None
        if kind != "Create":
            created = run(stack.layer_event("Create", **ours))
            assert created
            arn = created["PhysicalResourceId"]
        event = stack.layer_event(kind, "two" if kind == "Update" else "one", arn, **ours)
        if run(event, call) is not None:
            assert call > 4
            return
        again = run(event)
        assert again
        assert again["Status"] == "SUCCESS"
        assert world.live(f"deps{call}") == left
        records = [key for key in world.object_keys() if key.startswith(f"deps{call}/layer/0")]
        assert len(records) == len(left)
    pytest.fail("there is no end of calls")
