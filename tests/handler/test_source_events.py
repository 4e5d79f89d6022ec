"""The events of source artifacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.aws.world import ASSETS, World

if TYPE_CHECKING:
    from tests.support.aws.events import Stack


def test_create(stack: Stack) -> None:
    """The id is the S3 URI, the attributes say where the zip is and what it is."""
    event = stack.source_event("Create")
    sha256 = event["ResourceProperties"]["SourceSha256"]
    key = f"lambda/greeter-deps/source/1.0.0/{sha256}/source.zip"
    answer = stack.send(event)
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", f"s3://artifacts/{key}")
    assert answer["Data"] == {
        "Bucket": "artifacts",
        "Key": key,
        "S3Uri": f"s3://artifacts/{key}",
        "SourceVersion": "1.0.0",
        "SourceSha256": sha256,
    }


def test_create_fails(stack: Stack, world: World) -> None:
    """The marker comes back in the Delete, which does nothing."""
    event = stack.source_event("Create", RemovalPolicy="destroy")
    world.services.s3.delete_object(Bucket=ASSETS, Key="one.source.zip")
    answer = stack.send(event)
    marker = "create-failed:11111111-2222-3333-4444-666666666666"
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", marker)
    delete = stack.source_event("Delete", physical_id=marker, RemovalPolicy="destroy")
    assert stack.send(delete)["Status"] == "SUCCESS"
    assert world.calls == []


def test_an_update_keeps_the_old_code_for_a_rollback(stack: Stack, world: World) -> None:
    """The old object stays until its own Delete; going back copies nothing."""
    one = stack.send(stack.source_event("Create", RemovalPolicy="destroy"))["PhysicalResourceId"]
    update = stack.source_event("Update", "two", physical_id=one, RemovalPolicy="destroy")
    two = stack.send(update)["PhysicalResourceId"]
    assert len(world.object_keys()) == 2
    back = stack.source_event("Update", physical_id=two, RemovalPolicy="destroy")
    assert stack.send(back)["PhysicalResourceId"] == one
    assert world.writes == []
    stack.send(stack.source_event("Delete", "two", physical_id=two, RemovalPolicy="destroy"))
    assert [f"s3://artifacts/{key}" for key in world.object_keys()] == [one]


def test_delete_retains_unless_told_otherwise(stack: Stack, world: World) -> None:
    """RETAIN makes no call."""
    uri = stack.send(stack.source_event("Create"))["PhysicalResourceId"]
    answer = stack.send(stack.source_event("Delete", physical_id=uri))
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", uri)
    assert world.calls == []


def test_delete_of_another_place_does_nothing(stack: Stack, world: World) -> None:
    """The id must be where the properties put the zip."""
    stack.send(stack.source_event("Create", RemovalPolicy="destroy"))
    other = "s3://artifacts/somewhere/else.zip"
    delete = stack.source_event("Delete", physical_id=other, RemovalPolicy="destroy")
    assert stack.send(delete)["Status"] == "SUCCESS"
    assert world.calls == []
