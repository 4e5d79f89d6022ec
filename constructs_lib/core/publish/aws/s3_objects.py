"""Operations on S3 objects that publishing needs."""

from __future__ import annotations

import base64
import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypedDict

from constructs_lib.core.log import log
from constructs_lib.core.publish.aws.aws_errors import AwsError, aws_call

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mypy_boto3_s3.type_defs import (
        CopyObjectOutputTypeDef,
        HeadObjectOutputTypeDef,
        ListObjectsV2RequestTypeDef,
        PutObjectRequestTypeDef,
    )

    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layout import S3Location

_CHUNK = 1 << 20
ABSENT = "absent"
"""In place of an ETag: there is no such object."""


class _SourceOwner(TypedDict, total=False):
    ExpectedSourceBucketOwner: str


class AssetUnavailableError(AwsError):
    """An object that was uploaded before cannot be read now."""


def head_object(services: AwsServices, location: S3Location) -> HeadObjectOutputTypeDef | None:
    """Ask for an object's metadata, ETag and checksum; None when there is no such object, or no bucket."""
    try:
        with aws_call("s3:GetObject", location.uri):
            return services.s3.head_object(**location.params, ChecksumMode="ENABLED")
    except AwsError as error:
        if error.missing or (error.denied and not _is_listed(services, location)):
            return None
        raise


def read_object_metadata(services: AwsServices, location: S3Location) -> Mapping[str, str] | None:
    """Read an object's metadata; None when there is no such object, or no bucket."""
    head = head_object(services, location)
    return None if head is None else head["Metadata"]


def object_sha256(services: AwsServices, location: S3Location, head: HeadObjectOutputTypeDef) -> str:
    """Return the sha256 (hexadecimal) of an object's bytes, which `head` describes.

    S3 has computed it if whoever wrote the object asked for it; else the object is read.
    """
    checksum = head.get("ChecksumSHA256", "")
    # A checksum with a dash is one of the upload's parts, and another method counts no bytes.
    if checksum and "-" not in checksum:
        return base64.b64decode(checksum).hex()
    return read_sha256(services, location, head["ETag"])


def read_sha256(services: AwsServices, location: S3Location, etag: str) -> str:
    """Read the object with this ETag; return the sha256 (hexadecimal) of its bytes."""
    digest = hashlib.sha256()
    with aws_call("s3:GetObject", location.uri):
        body = services.s3.get_object(**location.params, IfMatch=etag)["Body"]
        for chunk in body.iter_chunks(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _is_listed(services: AwsServices, location: S3Location) -> bool:
    """Tell a denied object from a missing one: without `s3:ListBucket` S3 answers 403 to both."""
    return any(key == location.key for key in list_keys(services, location, most=1))


def list_keys(services: AwsServices, prefix: S3Location, most: int = 1000) -> list[str]:
    """List keys that begin with that of `prefix`, in alphabetical order."""
    params: ListObjectsV2RequestTypeDef = {"Bucket": prefix.bucket, "Prefix": prefix.key, "MaxKeys": most}
    if prefix.owner:
        params["ExpectedBucketOwner"] = prefix.owner
    with aws_call("s3:ListBucket", prefix.uri):
        answer = services.s3.list_objects_v2(**params)
    return [item["Key"] for item in answer.get("Contents", [])]


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


def check_asset(services: AwsServices, asset: S3Location) -> HeadObjectOutputTypeDef:
    """Preflight 1: check that the asset exists; return its ETag and checksum."""
    with reading_asset(asset):
        return services.s3.head_object(**asset.params, ChecksumMode="ENABLED")


def read_asset(services: AwsServices, asset: S3Location) -> bytes:
    """Read a small asset whole."""
    with reading_asset(asset):
        return services.s3.get_object(**asset.params)["Body"].read()


def copy_object(
    services: AwsServices, asset: S3Location, target: S3Location, etag: str, metadata: Mapping[str, str]
) -> CopyObjectOutputTypeDef:
    """Copy a zip inside S3 if its ETag is still the same, and give the copy metadata."""
    source_owner: _SourceOwner = {"ExpectedSourceBucketOwner": asset.owner} if asset.owner else {}
    with aws_call("s3:PutObject", f"{target.uri} (copied from {asset.uri})"):
        answer = services.s3.copy_object(
            **target.params,
            **source_owner,
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


def put_object(
    services: AwsServices,
    location: S3Location,
    body: bytes,
    *,
    metadata: Mapping[str, str] | None = None,
    content_type: str = "",
    if_match: str = "",
) -> None:
    """Write a small object with its checksum.

    With `if_match` only over the object that has this ETag, or, with `ABSENT`, only where there is none.
    """
    params: PutObjectRequestTypeDef = {
        "Bucket": location.bucket,
        "Key": location.key,
        "Body": body,
        # Kept by S3, which refuses other bytes now and names it to later readers.
        "ChecksumAlgorithm": "SHA256",
        "ChecksumSHA256": base64.b64encode(hashlib.sha256(body).digest()).decode(),
    }
    if location.owner:
        params["ExpectedBucketOwner"] = location.owner
    if metadata is not None:
        params["Metadata"] = metadata
    if content_type:
        params["ContentType"] = content_type
    if if_match == ABSENT:
        params["IfNoneMatch"] = "*"
    elif if_match:
        params["IfMatch"] = if_match
    with aws_call("s3:PutObject", location.uri):
        services.s3.put_object(**params)


def delete_object(services: AwsServices, location: S3Location) -> None:
    """Delete an object, never by version id (an Object Lock forbids that); an absent one is no error."""
    try:
        with aws_call("s3:DeleteObject", location.uri):
            services.s3.delete_object(**location.params)
    except AwsError as error:
        if not error.missing:
            raise
