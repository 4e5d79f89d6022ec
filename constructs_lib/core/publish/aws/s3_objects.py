"""Operations on S3 objects that publishing needs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from constructs_lib.core.log import log
from constructs_lib.core.publish.aws.aws_errors import AwsError, aws_call

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mypy_boto3_s3.type_defs import CopyObjectOutputTypeDef

    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layout import S3Location


class AssetUnavailableError(AwsError):
    """An object that was uploaded before cannot be read now."""


def read_object_metadata(services: AwsServices, location: S3Location) -> Mapping[str, str] | None:
    """Read an object's metadata; None when there is no such object, or no bucket."""
    try:
        with aws_call("s3:GetObject", location.uri):
            return services.s3.head_object(Bucket=location.bucket, Key=location.key)["Metadata"]
    except AwsError as error:
        if error.missing or (error.denied and not _is_listed(services, location)):
            return None
        raise


def _is_listed(services: AwsServices, location: S3Location) -> bool:
    """Tell a denied object from a missing one: without `s3:ListBucket` S3 answers 403 to both."""
    with aws_call("s3:ListBucket", location.uri):
        answer = services.s3.list_objects_v2(Bucket=location.bucket, Prefix=location.key, MaxKeys=1)
    return any(item["Key"] == location.key for item in answer.get("Contents", []))


@contextmanager
def reading_asset(asset: S3Location) -> Iterator[None]:
    """Turn a 404 or 403 inside the block into an error that names bucket, key and remedy."""
    try:
        with aws_call("s3:GetObject", asset.uri):
            yield
    except AwsError as error:
        if not (error.missing or error.denied):
            raise
        problem = (
            "does not exist"
            if error.missing
            else "is missing, or may not be read (s3:GetObject, kms:Decrypt)"
        )
        raise AssetUnavailableError(
            "asset-unavailable",
            f"object in bucket {asset.bucket} with key {asset.key} {problem}: "
            f"deploy again so that it is uploaded, or allow the role to read it ({error})",
            code=error.code,
            status=error.status,
        ) from error


def check_asset(services: AwsServices, asset: S3Location) -> str:
    """Preflight 1: check that the asset exists; return its ETag."""
    with reading_asset(asset):
        return services.s3.head_object(Bucket=asset.bucket, Key=asset.key)["ETag"]


def read_asset(services: AwsServices, asset: S3Location) -> bytes:
    """Read a small asset whole."""
    with reading_asset(asset):
        return services.s3.get_object(Bucket=asset.bucket, Key=asset.key)["Body"].read()


def copy_object(
    services: AwsServices, asset: S3Location, target: S3Location, etag: str, metadata: Mapping[str, str]
) -> CopyObjectOutputTypeDef:
    """Copy a zip inside S3 if its ETag is still the same, and give the copy metadata."""
    with aws_call("s3:PutObject", f"{target.uri} (copied from {asset.uri})"):
        answer = services.s3.copy_object(
            Bucket=target.bucket,
            Key=target.key,
            CopySource={"Bucket": asset.bucket, "Key": asset.key},
            CopySourceIfMatch=etag,
            # Without REPLACE, S3 silently drops the new metadata.
            MetadataDirective="REPLACE",
            Metadata=metadata,
            ContentType="application/zip",
            ChecksumAlgorithm="SHA256",
        )
    log.info("copied %s to %s", asset.uri, target.uri)
    return answer


def delete_object(services: AwsServices, location: S3Location) -> None:
    """Delete an object, never by version id (an Object Lock forbids that); an absent one is no error."""
    try:
        with aws_call("s3:DeleteObject", location.uri):
            services.s3.delete_object(Bucket=location.bucket, Key=location.key)
    except AwsError as error:
        if not error.missing:
            raise
