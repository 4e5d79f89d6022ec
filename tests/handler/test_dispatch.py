"""From an event to its outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import PublishError
from constructs_lib.handler.dispatch import IAM_PROPAGATION, dispatch
from tests.support.aws.events import FakeContext
from tests.support.aws.faults import refuse

if TYPE_CHECKING:
    from tests.support.aws.events import Stack
    from tests.support.aws.world import World


def test_an_unknown_resource_is_refused_by_name(stack: Stack) -> None:
    event = stack.layer_event("Create") | {"ResourceType": "Custom::Other"}
    with pytest.raises(PublishError, match=r"'Custom::Other' is unknown: .*Custom::PythonLayerArtifact"):
        dispatch(event, FakeContext(), print)


def test_a_new_roles_denial_is_retried(stack: Stack, world: World) -> None:
    """IAM may not have spread the policy yet."""
    world.next("lambda.ListLayerVersions", *[refuse(403, "AccessDeniedException")] * 3)
    published: list[str] = []
    outcome = dispatch(stack.layer_event("Create"), FakeContext(), published.append)
    assert published == [outcome.physical_id]
    assert sum("denied, trying again" in line for line in world.lines) == 3


def test_a_lasting_denial_is_final(stack: Stack, world: World) -> None:
    world.next("lambda.ListLayerVersions", *[refuse(403, "AccessDeniedException")] * 50)
    with pytest.raises(PublishError) as info:
        dispatch(stack.layer_event("Create"), FakeContext(), print)
    assert info.value.id == "aws-denied"
    assert IAM_PROPAGATION <= world.time.reading < IAM_PROPAGATION + 20
