"""`Custom::ConstructsLibBucketContent`: empties a stack's own bucket when the stack is deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.aws_facts import BUCKET_NAME_PATTERN
from constructs_lib.core.log import log
from constructs_lib.core.publish.aws.bucket_content import delete_content, is_to_be_emptied
from constructs_lib.handler.outcome import Outcome
from constructs_lib.handler.properties import Properties

if TYPE_CHECKING:
    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.handler.request import Request

_BUCKET_NAME = (BUCKET_NAME_PATTERN, "a bucket's name")


def ensure(services: AwsServices, request: Request) -> Outcome:
    """Handle Create and Update: there is nothing to do until the Delete."""
    del services
    return Outcome(_id_of(_bucket(request)))


def remove(services: AwsServices, request: Request) -> None:
    """Delete everything in the bucket, if the bucket still carries the tag that CloudFormation gave it."""
    bucket = _bucket(request)
    if request.physical_id != _id_of(bucket):
        log.info("nothing to delete: the id names no bucket")
    elif not is_to_be_emptied(services, bucket):
        log.info("retained: the content of s3://%s, which has no tag for its deletion", bucket)
    else:
        log.info("deleted %d object versions of s3://%s", delete_content(services, bucket), bucket)


def _bucket(request: Request) -> str:
    properties = Properties(request.properties)
    properties.check_schema()
    return properties.text("Bucket", *_BUCKET_NAME)


def _id_of(bucket: str) -> str:
    return f"content-of:{bucket}"
