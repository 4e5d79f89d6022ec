"""RETAIN_ON_UPDATE_OR_DELETE: CloudFormation sends a Delete only for what a failed operation made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.aws.faults import first, refuse
from tests.support.aws.world import ARTIFACTS

if TYPE_CHECKING:
    from tests.support.aws.events import Stack
    from tests.support.aws.world import World

POLICY = {"RemovalPolicy": "retain-except-on-create"}


def layer(stack: Stack, kind: str, content: str = "one", arn: str | None = None, **changes: Any) -> str:
    """Send an event for the layer; the ARN in the answer, which must be SUCCESS."""
    answer = stack.send(stack.layer_event(kind, content, physical_id=arn, **(POLICY | changes)))
    assert answer["Status"] == "SUCCESS", answer
    return str(answer["PhysicalResourceId"])


def source(stack: Stack, kind: str, content: str = "one", uri: str | None = None, **changes: Any) -> str:
    answer = stack.send(stack.source_event(kind, content, physical_id=uri, **(POLICY | changes)))
    assert answer["Status"] == "SUCCESS", answer
    return str(answer["PhysicalResourceId"])


def test_a_failed_create_is_cleaned_up(stack: Stack, world: World) -> None:
    """The stack's creation is rolled back: version, record and zip of the source go."""
    arn, uri = layer(stack, "Create"), source(stack, "Create")
    layer(stack, "Delete", arn=arn)
    source(stack, "Delete", uri=uri)
    assert world.live() == []
    assert not any("source.zip" in key or "/000001/" in key for key in world.object_keys())


def test_a_create_that_fails_after_publishing_is_cleaned_up(stack: Stack, world: World) -> None:
    """There is no record yet: the mark that came with the version says whose it is."""
    denied = refuse(403, "AccessDenied")
    world.next("lambda.PublishLayerVersion", first(lambda: world.next("s3.PutObject", *[denied] * 60)))
    answer = stack.send(stack.layer_event("Create", **POLICY))
    assert answer["Status"] == "FAILED"
    world.steps.clear()
    layer(stack, "Delete", arn=answer["PhysicalResourceId"])
    assert world.live() == []


def test_what_was_there_before_survives_a_failed_create(stack: Stack, world: World) -> None:
    """The layer was taken out of the stack, so it was kept; it comes back, and that deployment fails."""
    arn, uri = layer(stack, "Create"), source(stack, "Create")
    assert (layer(stack, "Create"), source(stack, "Create")) == (arn, uri)
    layer(stack, "Delete", arn=arn)
    source(stack, "Delete", uri=uri)
    assert world.live() == [1]
    assert any("source.zip" in key for key in world.object_keys())


def test_an_update_that_goes_back_keeps_the_old_version(stack: Stack, world: World) -> None:
    """A, B, and A again: if that fails, the Delete names A, which was kept for such a way back."""
    one, first_uri = layer(stack, "Create"), source(stack, "Create")
    two, second_uri = layer(stack, "Update", "two", one), source(stack, "Update", "two", first_uri)
    assert layer(stack, "Update", "one", two) == one
    assert source(stack, "Update", "one", second_uri) == first_uri
    assert layer(stack, "Update", "two", one) == two  # the rollback
    layer(stack, "Delete", "one", one)
    source(stack, "Delete", "one", first_uri)
    assert world.live() == [1, 2]
    assert len([key for key in world.object_keys() if "source.zip" in key]) == 2


def test_an_update_that_fails_leaves_nothing_new(stack: Stack, world: World) -> None:
    """The new version of a rolled back update is deleted if CloudFormation asks for it."""
    one = layer(stack, "Create")
    two = layer(stack, "Update", "two", one)
    assert layer(stack, "Update", "one", two) == one
    layer(stack, "Delete", "two", two)
    assert world.live() == [1]


@pytest.mark.parametrize("policy", ["retain", "retain-except-on-create"])
def test_a_kept_version_is_nobodys_to_delete(stack: Stack, world: World, policy: str) -> None:
    """A version that any stack published to be kept is used again, and stays whatever becomes of this stack."""
    arn = layer(stack, "Create", RemovalPolicy="retain")
    assert layer(stack, "Create", RemovalPolicy=policy) == arn
    layer(stack, "Delete", arn=arn, RemovalPolicy=policy)
    assert world.live() == [1]


def test_destroy_still_deletes_what_it_published(stack: Stack, world: World) -> None:
    """The demotion is for this policy alone: used again under DESTROY, a version goes with its resource."""
    arn = layer(stack, "Create", RemovalPolicy="destroy")
    assert layer(stack, "Update", arn=arn, RemovalPolicy="destroy") == arn
    layer(stack, "Delete", arn=arn, RemovalPolicy="destroy")
    assert world.live() == []


def test_the_kept_manifest_is_the_same_file(stack: Stack, world: World) -> None:
    """Only the record's word about removal changes: the lock beside the version keeps its bytes."""
    arn = layer(stack, "Create")
    key = "lambda/greeter-deps/layer/000001/uv.lock"
    before = world.services.s3.get_object(Bucket=ARTIFACTS, Key=key)
    layer(stack, "Update", arn=arn)
    after = world.services.s3.get_object(Bucket=ARTIFACTS, Key=key)
    assert after["Body"].read() == before["Body"].read()
    assert after["Metadata"] == before["Metadata"] | {"removal_policy": "retain"}
