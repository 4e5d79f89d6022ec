"""A bucket is emptied: versions, delete markers, any number of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.aws.aws_errors import AwsError
from constructs_lib.core.publish.aws.bucket_content import delete_content
from tests.support.aws.faults import refuse, respond
from tests.support.aws.world import ARTIFACTS

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

    from tests.support.aws.faults import Send
    from tests.support.aws.world import World


OWNER = "123456789012"


def _list_few(params: dict[str, Any], **_: object) -> None:
    """Let S3 list few at once, instead of 1000: the same in less time."""
    params["MaxKeys"] = 50


def test_versions_and_markers_go(world: World) -> None:
    """More of them than one answer lists; another bucket is not touched."""
    s3 = world.services.s3
    s3.put_bucket_versioning(Bucket=ARTIFACTS, VersioningConfiguration={"Status": "Enabled"})
    before = len(s3.list_object_versions(Bucket=ARTIFACTS).get("Versions", []))
    for number in range(110):
        s3.put_object(Bucket=ARTIFACTS, Key=f"{number % 5}", Body=b"")
    for number in range(5):
        s3.delete_object(Bucket=ARTIFACTS, Key=str(number))
    lists = world.calls.count("s3.ListObjectVersions")
    s3.meta.events.register("provide-client-params.s3.ListObjectVersions", _list_few)
    try:
        assert delete_content(world.services, ARTIFACTS, OWNER) == 115 + before
    finally:
        s3.meta.events.unregister("provide-client-params.s3.ListObjectVersions", _list_few)
    assert world.calls.count("s3.ListObjectVersions") - lists > 1
    answer = dict(s3.list_object_versions(Bucket=ARTIFACTS))
    assert not answer.keys() & {"Versions", "DeleteMarkers"}


def test_only_what_is_not_there_is_nothing(world: World) -> None:
    """A bucket that may not be listed is an error."""
    assert delete_content(world.services, "gone", OWNER) == 0
    world.next("s3.ListObjectVersions", refuse(403, "AccessDenied"))
    with pytest.raises(AwsError, match="s3:ListBucketVersions"):
        delete_content(world.services, ARTIFACTS, OWNER)


def test_what_cannot_be_deleted_is_named(world: World) -> None:
    """An Object Lock, for instance."""

    def answer(request: AWSPreparedRequest, _send: Send) -> AWSResponse:
        error = "<Error><Key>a</Key><Code>AccessDenied</Code><Message>locked</Message></Error>"
        return respond(request, 200, {}, f"<DeleteResult>{error}</DeleteResult>".encode())

    for key in ("a", "b"):
        world.services.s3.put_object(Bucket=ARTIFACTS, Key=key, Body=b"")
    world.next("s3.DeleteObjects", answer)
    with pytest.raises(
        PublishError, match="s3://artifacts/a: AccessDenied: locked; 1 object versions"
    ) as caught:
        delete_content(world.services, ARTIFACTS, OWNER)
    assert caught.value.id == "bucket-not-emptied"


def test_the_time_is_over(world: World) -> None:
    """The next attempt goes on from there."""
    world.services.s3.put_object(Bucket=ARTIFACTS, Key="a", Body=b"")
    world.time.reading = float("inf")
    with pytest.raises(PublishError, match="the time is over, and s3://artifacts is not empty"):
        delete_content(world.services, ARTIFACTS, OWNER)
