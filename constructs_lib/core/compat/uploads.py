"""Step 3: upload the zip of a layer or of a source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.compat.logger import BaseLogger
from constructs_lib.core.compat.manifest import built_from, find_manifest, md5
from constructs_lib.core.compat.path_layout import LayerPathLayout
from constructs_lib.core.compat.session import s3_client_of
from constructs_lib.core.deploy.upload import put_layer_zip, put_source_zip
from constructs_lib.core.publish.layout import LayerS3Layout, S3Location

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.core.compat.build_tool import LayerBuildToolEnum
    from constructs_lib.core.compat.logger import T_PRINTER
    from constructs_lib.core.compat.session import S3Access
    from constructs_lib.core.publish.layout import HasUri


def upload_layer_zip_to_s3(
    s3_client: S3Access,
    path_pyproject_toml: Path,
    s3dir_lambda: str | HasUri,
    path_manifest: Path | LayerBuildToolEnum | None = None,
    verbose: bool = True,
    printer: T_PRINTER = print,
    *,
    layer_build_tool: LayerBuildToolEnum | str | None = None,
) -> S3Location:
    """Put the project's `layer.zip` to `layer/layer.zip` and return that place.

    One of `path_manifest` and `layer_build_tool` is given. The object's metadata name the manifest and the bytes:
    `manifest_md5` is that of the lock file when the packages were installed, not as it is now.
    """
    layout = LayerPathLayout(path_pyproject_toml)
    location = LayerS3Layout(s3dir_lambda).s3path_temp_layer_zip
    _, manifest = find_manifest(layout, layer_build_tool, path_manifest)
    manifest_md5 = md5(built_from(layout, manifest))
    put_layer_zip(s3_client_of(s3_client), layout.path_build_lambda_layer_zip, location, manifest_md5)
    BaseLogger(verbose, printer).log(f"Uploaded {location.uri}, built from MD5 {manifest_md5}")
    return location


def upload_source_zip(
    s3_client: S3Access,
    source_version: str,
    source_sha256: str,
    path_source_zip: Path,
    s3dir_source: str | HasUri,
    metadata: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
    verbose: bool = True,
    printer: T_PRINTER = print,
) -> S3Location:
    """Put a source zip to `{s3dir_source}/{version}/{sha256}/source.zip` and return that place.

    `metadata` and `tags` are added to the object; the metadata `source_version` and `source_sha256` are set here.
    Raises a PublishError if `source_sha256` is not the hash of the zip.
    """
    location = put_source_zip(
        s3_client_of(s3_client),
        source_version,
        source_sha256,
        Path(path_source_zip),
        s3dir_source,
        metadata,
        tags,
    )
    BaseLogger(verbose, printer).log(f"Uploaded {location.uri}")
    return location


def upload_source_artifacts(
    s3_client: S3Access,
    source_version: str,
    source_sha256: str,
    path_source_zip: Path,
    s3dir_lambda: str | HasUri,
    metadata: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
    verbose: bool = True,
    printer: T_PRINTER = print,
) -> S3Location:
    """Upload a source zip as `upload_source_zip` does, below `{s3dir_lambda}/source`."""
    s3dir_source = S3Location.parse(s3dir_lambda) / "source"
    return upload_source_zip(
        s3_client,
        source_version,
        source_sha256,
        path_source_zip,
        s3dir_source,
        metadata,
        tags,
        verbose,
        printer,
    )
