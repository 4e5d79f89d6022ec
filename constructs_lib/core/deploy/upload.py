"""Uploads of zips to their places in S3."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.aws.aws_errors import aws_call
from constructs_lib.core.publish.layout import S3Location, S3MetadataKeyEnum, SourceS3Layout
from constructs_lib.core.system.files import reading

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import PutObjectRequestTypeDef

    from constructs_lib.core.publish.layout import HasUri


def put_layer_zip(s3_client: S3Client, path: Path, location: S3Location, manifest_md5: str) -> None:
    """Upload a layer's zip, with the metadata that the publishing step compares."""
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
    """Upload a source zip to `{s3dir_source}/{version}/{sha256}/source.zip` and return that place.

    `metadata` and `tags` are added to the object; the metadata `source_version` and `source_sha256` are set here. Raises a
    PublishError where `sha256` is not the hash of the zip.
    """
    location = SourceS3Layout(s3dir_source).get_s3path_source_zip(version, sha256)
    put_code_zip(s3_client, version, sha256, path, location, metadata, tags)
    return location


def put_code_zip(
    s3_client: S3Client,
    version: str,
    sha256: str,
    path: Path,
    location: S3Location,
    metadata: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
) -> None:
    """Upload a zip of code to `location`; see `put_source_zip`."""
    actual = _sha256(path, "build and zip the source first")
    if actual.hex() != sha256:
        raise PublishError(
            "source-sha256-wrong",
            f"{path} has sha256 {actual.hex()}, source_sha256 is {sha256!r}: zip the source again",
        )
    identity = {
        S3MetadataKeyEnum.source_version.value: version,
        S3MetadataKeyEnum.source_sha256.value: sha256,
    }
    _put(s3_client, path, location, actual, {**(metadata or {}), **identity}, urlencode(tags or {}))


def _sha256(path: Path, remedy: str) -> bytes:
    digest = hashlib.sha256()
    with reading(path, remedy, PublishError), path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.digest()


def _put(
    s3_client: S3Client,
    path: Path,
    location: S3Location,
    sha256: bytes,
    metadata: Mapping[str, str],
    tagging: str = "",
) -> None:
    with path.open("rb") as body:
        request: PutObjectRequestTypeDef = {
            "Bucket": location.bucket,
            "Key": location.key,
            "Body": body,
            "ContentType": "application/zip",
            "Metadata": metadata,
            # S3 refuses other bytes than those that were hashed.
            "ChecksumAlgorithm": "SHA256",
            "ChecksumSHA256": base64.b64encode(sha256).decode(),
        }
        if location.owner:
            request["ExpectedBucketOwner"] = location.owner
        if tagging:
            request["Tagging"] = tagging
        with aws_call("s3:PutObject", location.uri):
            s3_client.put_object(**request)
