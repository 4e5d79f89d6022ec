"""The mark of versions that no stack refers to."""

from __future__ import annotations

import pytest

from constructs_lib.core.publish.aws.arn import LayerVersionArn
from constructs_lib.core.publish.aws.s3_objects import read_object_metadata
from constructs_lib.core.publish.layers.ensure import ensure_layer
from constructs_lib.core.publish.layers.layer_removal import LayerRemoval
from constructs_lib.core.publish.layers.release import Release, cancel_release, release_and_choose
from tests.support.aws.world import OWNER, PREFIX, World


def removal(arn: str, request_id: str = "request") -> LayerRemoval:
    parsed = LayerVersionArn.parse(arn)
    assert parsed is not None
    return LayerRemoval(parsed, PREFIX, "uv.lock", OWNER, keep_versions=2, request_id=request_id)


@pytest.mark.parametrize("release", [Release(""), Release("id"), Release("id", is_canceled=True)])
def test_a_release_is_read_as_it_was_written(release: Release) -> None:
    assert Release.from_metadata(release.metadata) == release


def test_the_released_ones_beyond_those_to_keep_are_chosen(world: World) -> None:
    """With two to keep, one released version stays behind the one in use."""
    arns = [
        ensure_layer(world.services, world.layer(content, removal_policy="destroy")).layer_version_arn
        for content in ("one", "two", "three")
    ]
    assert release_and_choose(world.services, removal(arns[0])) == []
    assert release_and_choose(world.services, removal(arns[1], "next")) == [1]


def test_a_repeated_request_does_not_release_what_is_in_use_again(world: World) -> None:
    """A Delete that is delivered late must not undo a rollback."""
    arn = ensure_layer(world.services, world.layer(removal_policy="destroy")).layer_version_arn
    place = removal(arn).layout.get_s3path_released(1)
    release_and_choose(world.services, removal(arn))
    cancel_release(world.services, place)
    assert world.lines[-1] == f"in use again: {place.uri}"
    for request_id, canceled in (("request", True), ("another", False)):
        release_and_choose(world.services, removal(arn, request_id))
        metadata = read_object_metadata(world.services, place)
        assert metadata is not None
        assert Release.from_metadata(metadata).is_canceled == canceled


def test_what_was_never_released_needs_no_cancellation(world: World) -> None:
    world.forget_calls()
    cancel_release(world.services, PREFIX / "layer/000001/released")
    assert world.writes == []
