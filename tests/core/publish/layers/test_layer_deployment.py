"""The outcome of a deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.publish.layers.layer_deployment import LayerDeployment
from constructs_lib.core.publish.layers.layer_spec import LayerAttributes
from constructs_lib.core.publish.layers.live_versions import LiveVersion, VerifiedVersion
from tests.support.aws.world import LAYER, PREFIX

if TYPE_CHECKING:
    from tests.support.aws.world import World


def test_the_bytes_are_those_that_lambda_reports(world: World) -> None:
    """The same inputs may have been built into other bytes before; the live ones are named."""
    live = VerifiedVersion(LiveVersion(LAYER, 7, "arn:7", LayerAttributes()), "aa" * 32)
    assert LayerDeployment.of(world.layer(), live, is_new=True) == LayerDeployment(
        LAYER, 7, "arn:7", PREFIX / "layer/000007/uv.lock", is_new=True, layer_sha256="aa" * 32
    )
