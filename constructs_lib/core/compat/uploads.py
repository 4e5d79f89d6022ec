"""Upload steps of the tree route."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.compat.logger import BaseLogger
from constructs_lib.core.compat.manifest import built_from, md5
from constructs_lib.core.compat.path_layout import LayerPathLayout
from constructs_lib.core.deploy.upload import put_layer_zip, put_source_zip
from constructs_lib.core.publish.layout import LayerS3Layout, S3Location

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_s3 import S3Client

    from constructs_lib.core.compat.logger import T_PRINTER
    from constructs_lib.core.publish.layout import HasUri


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
    location = put_source_zip(
        s3_client, source_version, source_sha256, Path(path_source_zip), s3dir_source, metadata, tags
    )
    BaseLogger(verbose=verbose, printer=printer).log(f"Uploaded {location.uri}")
    return location
