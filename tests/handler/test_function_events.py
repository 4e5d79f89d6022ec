"""The events of functions in one zip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.aws.faults import pass_on, refuse
from tests.support.aws.world import ASSETS, World

if TYPE_CHECKING:
    from tests.support.aws.events import Stack


def test_create(stack: Stack, world: World) -> None:
    """The id is the zip's address; the attributes name it, the lock file and the SBOM, which are there."""
    event = stack.function_event("Create")
    sha256 = event["ResourceProperties"]["FunctionSha256"]
    folder = f"lambda/greeter-deps/function/1.0.0/{sha256}"
    answer = stack.send(event)
    uri = f"s3://artifacts/{folder}/function.zip"
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", uri)
    assert answer["Data"] == {
        "Bucket": "artifacts",
        "Key": f"{folder}/function.zip",
        "S3Uri": uri,
        "FunctionVersion": "1.0.0",
        "FunctionSha256": sha256,
        "ManifestUri": f"s3://artifacts/{folder}/uv.lock",
        "SbomUri": f"s3://artifacts/{folder}/sbom.cdx.json",
    }
    names = ("function.zip", "sbom.cdx.json", "uv.lock")
    assert world.object_keys() == [f"{folder}/{name}" for name in names]


def test_an_update_keeps_the_old_code_for_a_rollback(stack: Stack, world: World) -> None:
    """Zip, lock file and SBOM stay until their own Delete; going back writes nothing and needs no asset."""
    one = stack.send(stack.function_event("Create", RemovalPolicy="destroy"))["PhysicalResourceId"]
    update = stack.function_event("Update", "two", physical_id=one, RemovalPolicy="destroy")
    two = stack.send(update)["PhysicalResourceId"]
    assert len(world.object_keys()) == 6
    back = stack.function_event("Update", physical_id=two, RemovalPolicy="destroy")
    for name in ("function.zip", "uv.lock", "sbom.cdx.json"):
        world.services.s3.delete_object(Bucket=ASSETS, Key=f"one.{name}")
    world.forget_calls()
    assert stack.send(back)["PhysicalResourceId"] == one
    assert world.writes == []
    stack.send(stack.function_event("Delete", "two", physical_id=two, RemovalPolicy="destroy"))
    folder = one.removeprefix("s3://artifacts/").removesuffix("function.zip")
    assert world.object_keys() == [f"{folder}{name}" for name in ("function.zip", "sbom.cdx.json", "uv.lock")]


def test_what_is_not_there_is_not_named(stack: Stack, world: World) -> None:
    """The function runs without its SBOM; an address of nothing would mislead its readers."""
    world.next("s3.PutObject", *[pass_on] * 3, *[refuse(503, "SlowDown")] * 80)
    answer = stack.send(stack.function_event("Create"))
    assert answer["Status"] == "SUCCESS"
    assert "ManifestUri" not in answer["Data"]


def test_delete_retains_unless_told_otherwise(stack: Stack, world: World) -> None:
    """RETAIN makes no call."""
    uri = stack.send(stack.function_event("Create"))["PhysicalResourceId"]
    answer = stack.send(stack.function_event("Delete", physical_id=uri))
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", uri)
    assert world.calls == []
