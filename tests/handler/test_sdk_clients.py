"""The AWS clients of the function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_lib.handler.sdk_clients import make_services
from tests.support.aws.shared_clients import REGION

if TYPE_CHECKING:
    from tests.support.aws.world import World


def test_publish_is_sent_once_and_other_calls_are_retried(world: World) -> None:
    """Step 7: botocore would publish twice after a read time-out; connect 5 s, read 60 s."""
    services = make_services(REGION, world.services.clock, print)
    assert services.publisher is not services.lambda_
    for client in (services.s3, services.lambda_, services.publisher):
        config: Any = client.meta.config
        assert config.retries["mode"] == "standard"
        assert (config.connect_timeout, config.read_timeout) == (5, 60)
        assert client.meta.region_name == REGION
        assert config.retries["total_max_attempts"] == (1 if client is services.publisher else 5)
