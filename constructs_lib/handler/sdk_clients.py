"""The AWS clients of the function, made when the first event needs them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from constructs_lib.core.publish.aws.services import AwsServices, Clock

if TYPE_CHECKING:
    from collections.abc import Callable

_TIMEOUTS = Config(connect_timeout=5, read_timeout=60)
_IDEMPOTENT = _TIMEOUTS.merge(Config(retries={"mode": "standard", "total_max_attempts": 5}))
_ONCE = _TIMEOUTS.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))


def make_services(region: str, clock: Clock, on_published: Callable[[str], None]) -> AwsServices:
    """Make the clients: the SDK repeats every call but PublishLayerVersion, which is not idempotent."""
    return AwsServices(
        s3=boto3.client("s3", region_name=region, config=_IDEMPOTENT),
        lambda_=boto3.client("lambda", region_name=region, config=_IDEMPOTENT),
        publisher=boto3.client("lambda", region_name=region, config=_ONCE),
        clock=clock,
        on_published=on_published,
        cloudformation=partial(boto3.client, "cloudformation", region_name=region, config=_IDEMPOTENT),
    )
