"""`Custom::ConstructsLibBucketContent`: empties a stack's own bucket when the stack is deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from constructs_lib.core.log import log
from constructs_lib.core.publish.aws.aws_errors import aws_call
from constructs_lib.core.publish.aws.bucket_content import delete_content
from constructs_lib.handler.outcome import Outcome
from constructs_lib.handler.properties import Properties

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_lib.core.publish.aws.services import AwsServices, CloudFormationClient
    from constructs_lib.handler.request import Request

_PHYSICAL_ID = "content-of:"
_ENDINGS = ("DELETE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS")
"""States of a stack in which all of its resources go: it is deleted, or its creation is rolled back."""


def ensure(services: AwsServices, request: Request) -> Outcome:
    """Handle Create and Update: there is nothing to do until the Delete."""
    del services
    return Outcome(_PHYSICAL_ID + _bucket(request))


def remove(services: AwsServices, request: Request) -> None:
    """Delete everything in the bucket if the stack goes; a deployment that takes the resource out deletes nothing."""
    if not request.physical_id.startswith(_PHYSICAL_ID):
        log.info("nothing to delete: the resource was never made")
        return
    bucket = _bucket(request)
    status = _status(services, request)
    if status in _ENDINGS:
        deleted = delete_content(services, bucket, request.environment.account)
        log.info("deleted %d object versions of s3://%s", deleted, bucket)
    else:
        log.info("retained: the content of s3://%s, since the stack stays (%s)", bucket, status)


def _status(services: AwsServices, request: Request) -> str:
    make_client = cast("Callable[[], CloudFormationClient]", services.cloudformation)
    with aws_call("cloudformation:DescribeStacks", request.stack_id):
        answer = make_client().describe_stacks(StackName=request.stack_id)
    return str(answer["Stacks"][0]["StackStatus"])


def _bucket(request: Request) -> str:
    properties = Properties(request.properties)
    properties.check_schema()
    return properties.bucket("Bucket")
