"""The events of a stack's own bucket: it is emptied only when the stack goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.aws.faults import refuse, respond
from tests.support.aws.world import ARTIFACTS

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

    from tests.support.aws.events import Stack
    from tests.support.aws.faults import Send
    from tests.support.aws.world import World

ID = f"content-of:{ARTIFACTS}"
LIVING = ["CREATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"]
LIVING += ["UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"]


def event(stack: Stack, kind: str, physical_id: str | None = None, **changes: Any) -> dict[str, Any]:
    made = stack.source_event(kind, physical_id=physical_id)
    properties = {"ServiceToken": "x", "SchemaVersion": "1", "Bucket": ARTIFACTS} | changes
    return {**made, "ResourceType": "Custom::ConstructsLibBucketContent", "ResourceProperties": properties}


@pytest.fixture
def filled(world: World) -> World:
    world.services.s3.put_object(Bucket=ARTIFACTS, Key="one", Body=b"1")
    return world


def set_status(world: World, status: str, name: str = "Shop") -> None:
    """Let CloudFormation say the stack's state once, in the shape of DescribeStacks."""

    def answer(request: AWSPreparedRequest, _send: Send) -> AWSResponse:
        stack = f"<StackName>{name}</StackName><StackStatus>{status}</StackStatus>"
        stacks = f"<Stacks><member>{stack}</member></Stacks>"
        document = f"<R><DescribeStacksResult>{stacks}</DescribeStacksResult></R>"
        return respond(request, 200, {}, document.encode())

    world.next("cloudformation.DescribeStacks", answer)


def test_nothing_is_deleted_while_the_stack_lives(stack: Stack, filled: World) -> None:
    """Create and Update answer with one id; with it CloudFormation sees no replacement."""
    for made in (event(stack, "Create"), event(stack, "Update", ID)):
        answer = stack.send(made)
        assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", ID)
    assert filled.object_keys() == ["one"]


@pytest.mark.parametrize("status", ["DELETE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"])
def test_the_stack_goes(stack: Stack, filled: World, status: str) -> None:
    """Everything goes; a second delivery finds nothing."""
    for _ in range(2):
        set_status(filled, status)
        assert stack.send(event(stack, "Delete", ID))["Status"] == "SUCCESS"
        assert filled.object_keys() == []


@pytest.mark.parametrize("status", LIVING)
def test_the_resource_is_taken_out_of_the_app(stack: Stack, filled: World, status: str) -> None:
    """The bucket stays in use, whatever its tags and its name in the new template are."""
    set_status(filled, status)
    assert stack.send(event(stack, "Delete", ID))["Status"] == "SUCCESS"
    assert filled.object_keys() == ["one"]
    assert any(f"since the stack stays ({status})" in line for line in filled.lines)


def test_the_state_of_the_stack_may_not_be_read(stack: Stack, filled: World) -> None:
    """Then it is not known to go, and nothing is deleted."""
    filled.next("cloudformation.DescribeStacks", refuse(403, "AccessDenied"))
    answer = stack.send(event(stack, "Delete", ID))
    assert answer["Status"] == "FAILED"
    assert "cloudformation:DescribeStacks" in answer["Reason"]
    assert filled.object_keys() == ["one"]


def test_the_bucket_is_gone_already(stack: Stack, filled: World) -> None:
    """Somebody has deleted it by hand; the stack can still be deleted."""
    set_status(filled, "DELETE_IN_PROGRESS")
    assert stack.send(event(stack, "Delete", "content-of:gone", Bucket="gone"))["Status"] == "SUCCESS"


def test_a_create_that_failed(stack: Stack, filled: World) -> None:
    """Its properties may be what failed, so they are not read."""
    answer = stack.send(event(stack, "Delete", "create-failed:1", Bucket="", SchemaVersion="9"))
    assert answer["Status"] == "SUCCESS"
    assert filled.object_keys() == ["one"]
