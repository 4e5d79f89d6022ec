"""The events of a stack's own bucket: it is emptied only when the stack goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.publish.layout import DELETE_CONTENT_TAG
from tests.support.aws.world import ARTIFACTS

if TYPE_CHECKING:
    from tests.support.aws.events import Stack
    from tests.support.aws.world import World

ID = f"content-of:{ARTIFACTS}"


def event(stack: Stack, kind: str, physical_id: str | None = None) -> dict[str, Any]:
    made = stack.source_event(kind, physical_id=physical_id)
    properties = {"ServiceToken": "x", "SchemaVersion": "1", "Bucket": ARTIFACTS}
    return {**made, "ResourceType": "Custom::ConstructsLibBucketContent", "ResourceProperties": properties}


@pytest.fixture
def filled(world: World) -> World:
    world.services.s3.put_object(Bucket=ARTIFACTS, Key="one", Body=b"1")
    return world


def tag(world: World) -> None:
    world.services.s3.put_bucket_tagging(
        Bucket=ARTIFACTS, Tagging={"TagSet": [{"Key": DELETE_CONTENT_TAG, "Value": "true"}]}
    )


def test_nothing_is_deleted_while_the_stack_lives(stack: Stack, filled: World) -> None:
    """Create and Update answer with one id; with it CloudFormation sees no replacement."""
    tag(filled)
    for made in (event(stack, "Create"), event(stack, "Update", ID)):
        answer = stack.send(made)
        assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", ID)
    assert filled.object_keys() == ["one"]


def test_the_stack_is_deleted(stack: Stack, filled: World) -> None:
    """Everything goes; a second delivery finds nothing."""
    tag(filled)
    for _ in range(2):
        assert stack.send(event(stack, "Delete", ID))["Status"] == "SUCCESS"
        assert filled.object_keys() == []


def test_the_resource_is_taken_out_of_the_app(stack: Stack, filled: World) -> None:
    """CloudFormation has removed the tag by then, and the bucket stays in use."""
    assert stack.send(event(stack, "Delete", ID))["Status"] == "SUCCESS"
    assert filled.object_keys() == ["one"]
    assert any("has no tag for its deletion" in line for line in filled.lines)


def test_a_create_that_failed(stack: Stack, filled: World) -> None:
    """Its id names no bucket."""
    tag(filled)
    assert stack.send(event(stack, "Delete", "create-failed:1"))["Status"] == "SUCCESS"
    assert filled.object_keys() == ["one"]
