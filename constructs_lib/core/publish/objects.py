"""What publishing does with S3 objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.publish.aws_errors import AwsError, aws_call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_s3.type_defs import CopyObjectOutputTypeDef

    from constructs_lib.core.publish.layout import S3Location
    from constructs_lib.core.publish.tools import Tools


class AssetUnavailableError(AwsError):
    """An object that was uploaded before cannot be read now."""


def read_metadata(tools: Tools, location: S3Location) -> Mapping[str, str] | None:
    """Read an object's metadata; None when there is no such object, or no bucket."""
    try:
        with aws_call("s3:GetObject", location.uri):
            return tools.s3.head_object(Bucket=location.bucket, Key=location.key)["Metadata"]
    except AwsError as error:
        if error.missing or (error.denied and not _is_listed(tools, location)):
            return None
        raise


def _is_listed(tools: Tools, location: S3Location) -> bool:
    """Tell a denied object from a missing one: without `s3:ListBucket` S3 answers 403 to both."""
    with aws_call("s3:ListBucket", location.uri):
        answer = tools.s3.list_objects_v2(Bucket=location.bucket, Prefix=location.key, MaxKeys=1)
    return any(item["Key"] == location.key for item in answer.get("Contents", []))


def check_asset(tools: Tools, asset: S3Location) -> str:
    """Preflight 1: the asset exists; return its ETag."""
    try:
        with aws_call("s3:GetObject", asset.uri):
            return tools.s3.head_object(Bucket=asset.bucket, Key=asset.key)["ETag"]
    except AwsError as error:
        raise unavailable(asset, error) from error


def read_asset(tools: Tools, asset: S3Location) -> bytes:
    """Read a small asset whole."""
    try:
        with aws_call("s3:GetObject", asset.uri):
            return tools.s3.get_object(Bucket=asset.bucket, Key=asset.key)["Body"].read()
    except AwsError as error:
        raise unavailable(asset, error) from error


def unavailable(asset: S3Location, error: AwsError) -> AwsError:
    """Say what a 404 or 403 means for an object that should be there; leave other faults as they are."""
    if not (error.missing or error.denied):
        return error
    what = "does not exist" if error.missing else "is missing, or may not be read (s3:GetObject, kms:Decrypt)"
    text = (
        f"object in bucket {asset.bucket} with key {asset.key} {what}: "
        f"deploy again so that it is uploaded, or allow the role to read it ({error})"
    )
    return AssetUnavailableError(text, code=error.code, status=error.status)


def copy_object(
    tools: Tools, asset: S3Location, target: S3Location, etag: str, metadata: Mapping[str, str]
) -> CopyObjectOutputTypeDef:
    """Copy a zip inside S3, if it still is the one with this ETag, and give it metadata."""
    with aws_call("s3:PutObject", f"{target.uri} (copied from {asset.uri})"):
        answer = tools.s3.copy_object(
            Bucket=target.bucket,
            Key=target.key,
            CopySource={"Bucket": asset.bucket, "Key": asset.key},
            CopySourceIfMatch=etag,
            # Without REPLACE, S3 drops the new metadata and says nothing.
            MetadataDirective="REPLACE",
            Metadata=metadata,
            ContentType="application/zip",
            ChecksumAlgorithm="SHA256",
        )
    tools.log(f"copied {asset.uri} to {target.uri}")
    return answer


def delete_object(tools: Tools, location: S3Location) -> None:
    """Delete an object, never by version id (an Object Lock forbids that); gone already is fine."""
    try:
        with aws_call("s3:DeleteObject", location.uri):
            tools.s3.delete_object(Bucket=location.bucket, Key=location.key)
    except AwsError as error:
        if not error.missing:
            raise
