"""The whole content of a bucket, and its deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.aws.aws_errors import AwsError, aws_call
from constructs_lib.core.publish.layout import DELETE_CONTENT_TAG

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

    from constructs_lib.core.publish.aws.services import AwsServices


def is_to_be_emptied(services: AwsServices, bucket: str) -> bool:
    """Return whether the bucket carries the tag; a bucket that is gone carries none."""
    try:
        with aws_call("s3:GetBucketTagging", f"s3://{bucket}"):
            tags = services.s3.get_bucket_tagging(Bucket=bucket)["TagSet"]
    except AwsError as error:
        if error.missing or error.code == "NoSuchTagSet":
            return False
        raise
    return {"Key": DELETE_CONTENT_TAG, "Value": "true"} in tags


def delete_content(services: AwsServices, bucket: str) -> int:
    """Delete every version of every object, and every delete marker; return how many there were."""
    deleted = 0
    # Always the first page: what was on the page before is gone.
    while versions := _first_page(services, bucket):
        if services.clock.is_over:
            raise PublishError(
                "bucket-not-emptied",
                f"the time is over, and s3://{bucket} is not empty: {deleted} object versions are deleted; delete the "
                f"stack again",
            )
        with aws_call("s3:DeleteObjectVersion", f"s3://{bucket}"):
            answer = services.s3.delete_objects(Bucket=bucket, Delete={"Objects": versions, "Quiet": True})
        for error in answer.get("Errors", []):
            raise PublishError(
                "bucket-not-emptied",
                f"s3://{bucket}/{error.get('Key', '')}: {error.get('Code', '')}: {error.get('Message', '')}; "
                f"{deleted} object versions are deleted; remove what holds it, and delete the stack again",
            )
        deleted += len(versions)
    return deleted


def _first_page(services: AwsServices, bucket: str) -> list[ObjectIdentifierTypeDef]:
    with aws_call("s3:ListBucketVersions", f"s3://{bucket}"):
        answer = services.s3.list_object_versions(Bucket=bucket)
    rows = [*answer.get("Versions", []), *answer.get("DeleteMarkers", [])]
    return [{"Key": row["Key"], "VersionId": row["VersionId"]} for row in rows]
