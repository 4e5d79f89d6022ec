"""The AWS clients of the function, made when the first event needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from constructs_lib.core.publish.tools import Clock, Tools

if TYPE_CHECKING:
    from collections.abc import Callable

_TIMEOUTS = Config(connect_timeout=5, read_timeout=60)
_IDEMPOTENT = _TIMEOUTS.merge(Config(retries={"mode": "standard", "total_max_attempts": 5}))
_ONCE = _TIMEOUTS.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))


def make_tools(
    region: str, clock: Clock, log: Callable[[str], None], on_published: Callable[[str], None]
) -> Tools:
    """Make the clients: calls that may be repeated are, the one that may not is not."""
    return Tools(
        s3=boto3.client("s3", region_name=region, config=_IDEMPOTENT),
        lambda_=boto3.client("lambda", region_name=region, config=_IDEMPOTENT),
        publisher=boto3.client("lambda", region_name=region, config=_ONCE),
        clock=clock,
        log=log,
        on_published=on_published,
    )
