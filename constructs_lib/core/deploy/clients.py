"""The AWS clients of a script, made safe for the publishing step."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from constructs_lib.core.publish.aws.services import AwsServices, Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client

    from constructs_lib.core.publish.aws.services import CloudFormationClient

_PATIENCE = 900.0
"""Seconds for which throttled calls are repeated; as long as CloudFormation waits for a stack's function."""

_NEEDS_RETRY = "needs-retry.lambda.PublishLayerVersion"


@contextmanager
def script_services(
    s3_client: S3Client,
    lambda_client: LambdaClient,
    cloudformation: Callable[[], CloudFormationClient] | None = None,
) -> Iterator[AwsServices]:
    """Yield the services of the publishing step, for as long as the block lasts."""
    clock = Clock(deadline=time.monotonic() + _PATIENCE)
    with sent_once(lambda_client):
        yield AwsServices(s3_client, lambda_client, lambda_client, clock, cloudformation=cloudformation)


def s3_services(s3_client: S3Client) -> AwsServices:
    """Return the services of a step that makes no call of Lambda."""
    none = cast("LambdaClient", None)
    return AwsServices(s3_client, none, none, Clock(deadline=time.monotonic() + _PATIENCE))


@contextmanager
def sent_once(lambda_client: LambdaClient) -> Iterator[None]:
    """Make the SDK send each PublishLayerVersion of this client once inside the block, whatever its retry mode.

    After a read timeout it would send it again, and that makes a second version. All else about the client, above all its
    credentials, stays as its owner has set it up.
    """
    events: Any = lambda_client.meta.events
    name = {"unique_id": f"constructs-lib-{_NEEDS_RETRY}", "unique_id_uses_count": True}
    events.register(_NEEDS_RETRY, _fail_at_once, **name)
    try:
        yield
    finally:
        events.unregister(_NEEDS_RETRY, **name)


def _fail_at_once(
    response: tuple[Any, Any] | None = None, caught_exception: Exception | None = None, **_: object
) -> None:
    """Answer the SDK's question whether to repeat the call: raise the error that the last attempt would end with."""
    from botocore.exceptions import ClientError

    if caught_exception is not None:
        raise caught_exception
    if response is not None and response[0].status_code >= 300:
        raise ClientError(response[1], "PublishLayerVersion")
