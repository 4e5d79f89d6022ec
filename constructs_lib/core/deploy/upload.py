"""Put zips of this machine to their place in S3."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.layout import S3Location, S3MetadataKeyEnum, SourceS3Layout

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import PutObjectRequestTypeDef

    from constructs_lib.core.publish.layout import HasUri


def put_layer_zip(s3_client: S3Client, path: Path, location: S3Location, manifest_md5: str) -> None:
    """Put a layer's zip there, with what the publishing step compares."""
    sha256 = _sha256(path, "build and zip the layer first")
    metadata = {
        S3MetadataKeyEnum.manifest_md5.value: manifest_md5,
        S3MetadataKeyEnum.layer_sha256.value: sha256.hex(),
    }
    _put(s3_client, path, location, sha256, metadata)


def put_source_zip(
    s3_client: S3Client,
    version: str,
    sha256: str,
    path: Path,
    s3dir_source: str | HasUri,
    metadata: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
) -> S3Location:
    """Put a source zip to `{s3dir_source}/{version}/{sha256}/source.zip` and return that place.

    `metadata` and `tags` are added to the object; the metadata `source_version` and `source_sha256` are set
    here. A PublishError where `sha256` is not the hash of the zip.
    """
    actual = _sha256(path, "build and zip the source first")
    if actual.hex() != sha256:
        raise PublishError(
            f"{path} has sha256 {actual.hex()}, source_sha256 is {sha256!r}: zip the source again"
        )
    location = SourceS3Layout(s3dir_source).get_s3path_source_zip(version, sha256)
    own = {
        S3MetadataKeyEnum.source_version.value: version,
        S3MetadataKeyEnum.source_sha256.value: sha256,
    }
    _put(s3_client, path, location, actual, {**(metadata or {}), **own}, urlencode(tags or {}))
    return location


def _sha256(path: Path, remedy: str) -> bytes:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
    except OSError as error:
        what = (
            "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
        )
        msg = f"{path} {what}: {remedy}"
        raise PublishError(msg) from None
    return digest.digest()


def _put(
    s3_client: S3Client,
    path: Path,
    location: S3Location,
    sha256: bytes,
    metadata: Mapping[str, str],
    tagging: str = "",
) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        with path.open("rb") as body:
            request: PutObjectRequestTypeDef = {
                "Bucket": location.bucket,
                "Key": location.key,
                "Body": body,
                "ContentType": "application/zip",
                "Metadata": metadata,
                # S3 refuses other bytes than those that were hashed.
                "ChecksumSHA256": base64.b64encode(sha256).decode(),
            }
            if tagging:
                request["Tagging"] = tagging
            s3_client.put_object(**request)
    except (BotoCoreError, ClientError) as error:
        msg = f"s3:PutObject on {location.uri} failed: {error}"
        raise PublishError(msg) from error
