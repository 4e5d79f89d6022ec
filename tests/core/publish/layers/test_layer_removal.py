"""A request to delete a version."""

from __future__ import annotations

from typing import cast

import pytest

from constructs_lib.core.publish.aws.arn import LayerVersionArn
from constructs_lib.core.publish.layers.layer_removal import LayerRemoval
from constructs_lib.core.publish.layout import S3Location

ARN = cast("LayerVersionArn", LayerVersionArn.parse("arn:aws:lambda:eu-central-1:123456789012:layer:deps:7"))
PREFIX = S3Location("bucket", "team/deps")


@pytest.mark.parametrize("keep_versions", [1, -1])
def test_a_rollback_always_finds_its_version(keep_versions: int) -> None:
    """One version alone is the one in use."""
    with pytest.raises(ValueError, match=rf"^keep_versions is {keep_versions}; it must be at least 2"):
        LayerRemoval(ARN, PREFIX, "uv.lock", "owner", keep_versions)


def test_the_record_is_beside_the_version() -> None:
    removal = LayerRemoval(ARN, PREFIX, "uv.lock", "owner", 2)
    assert removal.record_location(7).uri == "s3://bucket/team/deps/layer/000007/uv.lock"
