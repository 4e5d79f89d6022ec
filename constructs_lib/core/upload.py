"""Step 3 without CDK: a zip of this machine → its place in S3."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from constructs_lib.core.constants import S3MetadataKeyEnum
from constructs_lib.core.errors import PublishError
from constructs_lib.core.layout import LayerS3Layout, S3Location, SourceS3Layout
from constructs_lib.core.logger import BaseLogger
from constructs_lib.core.manifest import built_from, md5
from constructs_lib.core.path_layout import LayerPathLayout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import PutObjectRequestTypeDef

    from constructs_lib.core.layout import HasUri
    from constructs_lib.core.logger import T_PRINTER


def upload_layer_zip_to_s3(
    s3_client: S3Client,
    path_pyproject_toml: Path,
    s3dir_lambda: str | HasUri,
    path_manifest: Path,
    verbose: bool = True,  # noqa: FBT001, FBT002 - the seeds' signature
    printer: T_PRINTER = print,
) -> S3Location:
    """Put the project's `layer.zip` to `layer/layer.zip` and return that place.

    Its metadata say from which manifest and which bytes it was made: `manifest_md5` is that of the lock file
    when the packages were installed, not of the one that lies there now.
    """
    layout = LayerPathLayout(path_pyproject_toml)
    location = LayerS3Layout(s3dir_lambda).s3path_temp_layer_zip
    manifest_md5 = md5(built_from(layout, Path(path_manifest)))
    put_layer_zip(s3_client, layout.path_build_lambda_layer_zip, location, manifest_md5)
    BaseLogger(verbose=verbose, printer=printer).log(
        f"Uploaded {location.uri}, built from MD5 {manifest_md5}"
    )
    return location


def put_layer_zip(s3_client: S3Client, path: Path, location: S3Location, manifest_md5: str) -> None:
    """Put a layer's zip there, with what the publishing step compares."""
    sha256 = _sha256(path, "build and zip the layer first")
    metadata = {
        S3MetadataKeyEnum.manifest_md5.value: manifest_md5,
        S3MetadataKeyEnum.layer_sha256.value: sha256.hex(),
    }
    _put(s3_client, path, location, sha256, metadata)


def upload_source_zip(
    s3_client: S3Client,
    source_version: str,
    source_sha256: str,
    path_source_zip: Path,
    s3dir_source: str | HasUri,
    metadata: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
    verbose: bool = True,  # noqa: FBT001, FBT002 - the seeds' signature
    printer: T_PRINTER = print,
) -> S3Location:
    """Put a source zip to `{s3dir_source}/{version}/{sha256}/source.zip` and return that place.

    `metadata` and `tags` are added to the object; the metadata `source_version` and `source_sha256` are set
    here. A PublishError where `source_sha256` is not the hash of the zip.
    """
    sha256 = _sha256(Path(path_source_zip), "build and zip the source first")
    if sha256.hex() != source_sha256:
        msg = f"{path_source_zip} has sha256 {sha256.hex()}, source_sha256 is {source_sha256!r}: zip the source again"
        raise PublishError(msg)
    location = SourceS3Layout(s3dir_source).get_s3path_source_zip(source_version, source_sha256)
    own = {
        S3MetadataKeyEnum.source_version.value: source_version,
        S3MetadataKeyEnum.source_sha256.value: source_sha256,
    }
    _put(
        s3_client, Path(path_source_zip), location, sha256, {**(metadata or {}), **own}, urlencode(tags or {})
    )
    BaseLogger(verbose=verbose, printer=printer).log(f"Uploaded {location.uri}")
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
