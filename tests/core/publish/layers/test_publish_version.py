"""Step 7: the call that is sent once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.aws.aws_errors import AwsError
from constructs_lib.core.publish.layers.layer_spec import LayerAttributes
from constructs_lib.core.publish.layers.publish_version import publish_version
from constructs_lib.core.publish.layers.stage import stage_layer
from tests.support.aws.faults import refuse

if TYPE_CHECKING:
    from tests.support.aws.world import World


def test_empty_attributes_are_left_out(world: World) -> None:
    """No runtime, no architecture, no text, and no version of the zip in a bucket without versions."""
    spec = world.layer(attributes=LayerAttributes())
    built, staged = spec, replace(stage_layer(world.services, spec), version_id=None)
    spec = replace(spec, fingerprint="", layer_sha256="")
    live = publish_version(world.services, spec, staged)
    assert (live.version.number, live.layer_sha256) == (1, built.layer_sha256)
    (request,) = world.sent["lambda.PublishLayerVersion"]
    assert sorted(request) == ["Content", "LayerName"]
    assert sorted(request["Content"]) == ["S3Bucket", "S3Key"]


def test_throttling_is_waited_for_as_long_as_aws_asks(world: World) -> None:
    """At least a moment; without a wish the waits grow."""
    spec = world.layer()
    staged = stage_layer(world.services, spec)
    wait, none = (
        refuse(429, "TooManyRequestsException", retry_after="3"),
        refuse(429, "TooManyRequestsException", retry_after="0"),
    )
    world.next("lambda.PublishLayerVersion", wait, none)
    publish_version(world.services, spec, staged)
    assert world.time.slept == [3, 0.2]


def test_full_storage_has_an_error_of_its_own(world: World) -> None:
    spec = world.layer()
    world.next("lambda.PublishLayerVersion", refuse(400, "CodeStorageExceededException"))
    with pytest.raises(AwsError, match="share 300 GB") as info:
        publish_version(world.services, spec, stage_layer(world.services, spec))
    assert (info.value.id, info.value.code) == ("code-storage-full", "CodeStorageExceededException")


def test_after_the_deadline_nothing_is_published(world: World) -> None:
    """FAILED may be answered by then, and no answer would name the version."""
    spec = world.layer()
    staged = stage_layer(world.services, spec)
    world.time.sleep(1000)
    with pytest.raises(PublishError, match="no time left") as info:
        publish_version(world.services, spec, staged)
    assert info.value.id == "no-time-left"
    assert world.live() == []
