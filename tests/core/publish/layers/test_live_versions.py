"""The versions of a layer that exist now."""

from __future__ import annotations

import pytest

from constructs_lib.core.publish.aws.aws_errors import AwsError
from constructs_lib.core.publish.layers.layer_spec import LayerAttributes
from constructs_lib.core.publish.layers.live_versions import (
    LiveVersion,
    delete_version,
    get_live_version,
    list_live_versions,
)
from constructs_lib.core.publish.ownership import Mark
from tests.support.aws.faults import refuse
from tests.support.aws.world import LAYER, World


def test_an_answer_of_lambda_becomes_a_version() -> None:
    """Absent fields are empty ones, and the owner's mark is split from the text."""
    item = {"Version": 3, "LayerVersionArn": "arn:3", "Description": f"Deps [owner:{'a' * 16}]"}
    assert LiveVersion.read("deps", item) == LiveVersion(
        "deps", 3, "arn:3", LayerAttributes(description="Deps"), Mark("", "a" * 16)
    )


def test_the_newest_comes_first_and_no_layer_is_no_version(world: World) -> None:
    assert list_live_versions(world.services, LAYER) == []
    for content in ("one", "two"):
        world.publish_by_hand(world.layer(content))
    assert [version.number for version in list_live_versions(world.services, LAYER)] == [2, 1]


def test_one_version_with_its_hash(world: World) -> None:
    spec = world.layer()
    world.publish_by_hand(spec)
    live = get_live_version(world.services, LAYER, 1)
    assert live is not None
    assert (live.version.number, live.layer_sha256) == (1, spec.layer_sha256)
    assert get_live_version(world.services, LAYER, 2) is None


def test_deleting_what_is_gone_is_no_error(world: World) -> None:
    world.publish_by_hand(world.layer())
    delete_version(world.services, LAYER, 1)
    delete_version(world.services, LAYER, 1)
    assert world.live() == []


def test_other_failures_are_raised(world: World) -> None:
    denied = refuse(403, "AccessDeniedException")
    world.next("lambda.ListLayerVersions", denied)
    world.next("lambda.GetLayerVersion", denied)
    world.next("lambda.DeleteLayerVersion", denied)
    with pytest.raises(AwsError, match="lambda:ListLayerVersions"):
        list_live_versions(world.services, LAYER)
    with pytest.raises(AwsError, match="lambda:GetLayerVersion"):
        get_live_version(world.services, LAYER, 1)
    with pytest.raises(AwsError, match="lambda:DeleteLayerVersion"):
        delete_version(world.services, LAYER, 1)
