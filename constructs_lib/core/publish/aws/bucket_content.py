"""The whole content of a bucket, and its deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.aws.aws_errors import AwsError, aws_call

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

    from constructs_lib.core.publish.aws.services import AwsServices


def delete_content(services: AwsServices, bucket: str, owner: str) -> int:
    """Delete every version of every object, and every delete marker; return how many there were.

    `owner` is the account that the bucket has to belong to. A bucket that is gone holds nothing.
    """
    deleted = 0
    # Always the first page: what was on the page before is gone.
    while versions := _first_page(services, bucket, owner):
        if services.clock.is_over:
            raise PublishError(
                "bucket-not-emptied",
                f"the time is over, and s3://{bucket} is not empty: {deleted} object versions are deleted; delete the "
                f"stack again",
            )
        with aws_call("s3:DeleteObjectVersion", f"s3://{bucket}"):
            answer = services.s3.delete_objects(
                Bucket=bucket, Delete={"Objects": versions, "Quiet": True}, ExpectedBucketOwner=owner
            )
        errors = answer.get("Errors", [])
        deleted += len(versions) - len(errors)
        for error in errors:
            raise PublishError(
                "bucket-not-emptied",
                f"s3://{bucket}/{error.get('Key', '')}: {error.get('Code', '')}: {error.get('Message', '')}; "
                f"{deleted} object versions are deleted; remove what holds it, and delete the stack again",
            )
    return deleted


def _first_page(services: AwsServices, bucket: str, owner: str) -> list[ObjectIdentifierTypeDef]:
    try:
        with aws_call("s3:ListBucketVersions", f"s3://{bucket}"):
            answer = services.s3.list_object_versions(Bucket=bucket, ExpectedBucketOwner=owner)
    except AwsError as error:
        if error.missing:
            return []
        raise
    rows = [*answer.get("Versions", []), *answer.get("DeleteMarkers", [])]
    return [{"Key": row["Key"], "VersionId": row["VersionId"]} for row in rows]
