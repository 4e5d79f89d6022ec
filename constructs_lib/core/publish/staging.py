"""Steps 3 to 5: the asset exists, is copied to `layer/layer.zip`, and belongs to its manifest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.aws_errors import AwsError, aws_call
from constructs_lib.core.publish.model import code_sha256
from constructs_lib.core.publish.objects import check_asset, copy_object, read_asset, unavailable

if TYPE_CHECKING:
    from constructs_lib.core.publish.layout import S3Location
    from constructs_lib.core.publish.model import WantedLayer
    from constructs_lib.core.publish.tools import Tools


@dataclass(frozen=True, slots=True)
class StagedLayer:
    """A checked zip to publish from. `version_id` is None where the bucket has no versions."""

    location: S3Location
    version_id: str | None
    manifest: bytes


def stage_layer(tools: Tools, wanted: WantedLayer) -> StagedLayer:
    """Bring the zip to its place and check that it is the one the manifest describes.

    Preflight 2: the MD5 in the zip's metadata, the one from the build and that of the manifest's
    bytes, read back, are one.
    """
    version_id = None
    if wanted.zip_asset is not None:
        etag = check_asset(tools, wanted.zip_asset)
        version_id = _copy(tools, wanted, wanted.zip_asset, etag)
    manifest = read_manifest(tools, wanted)
    version_id = _check_metadata(tools, wanted, version_id)
    return StagedLayer(wanted.layout.s3path_temp_layer_zip, version_id, manifest)


def _copy(tools: Tools, wanted: WantedLayer, asset: S3Location, etag: str) -> str | None:
    target = wanted.layout.s3path_temp_layer_zip
    answer = copy_object(tools, asset, target, etag, {"manifest_md5": wanted.manifest_md5})
    checksum = answer["CopyObjectResult"].get("ChecksumSHA256", "")
    # A checksum with a dash is one of parts, and cannot be compared.
    if checksum and "-" not in checksum and checksum != code_sha256(wanted.layer_sha256):
        raise PublishError(
            f"{asset.uri} is not the zip that was built: its sha256 (base64) is {checksum}, "
            f"built was {code_sha256(wanted.layer_sha256)}; delete the asset and deploy again"
        )
    return _pin(answer.get("VersionId"))


def _pin(version_id: str | None) -> str | None:
    """A version id that can be published from; "null" is that of a bucket without versions."""
    return None if version_id == "null" else version_id


def read_manifest(tools: Tools, wanted: WantedLayer) -> bytes:
    """Read the manifest's bytes and check them against their MD5 from the build."""
    if isinstance(wanted.manifest, bytes):
        where, manifest, remedy = wanted.manifest_name, wanted.manifest, "build"
    else:
        # The CDK CLI uploads an asset only if there is none.
        where, manifest, remedy = wanted.manifest.uri, read_asset(tools, wanted.manifest), "delete the asset"
    found = hashlib.md5(manifest, usedforsecurity=False).hexdigest()
    if found != wanted.manifest_md5:
        raise _inconsistent(where, found, wanted, remedy)
    return manifest


def _check_metadata(tools: Tools, wanted: WantedLayer, version_id: str | None) -> str | None:
    """Compare the staged zip's metadata with the build; return the version id that was looked at."""
    staged = wanted.layout.s3path_temp_layer_zip
    try:
        with aws_call("s3:GetObject", staged.uri):
            if version_id is None:
                head = tools.s3.head_object(Bucket=staged.bucket, Key=staged.key)
            else:
                head = tools.s3.head_object(Bucket=staged.bucket, Key=staged.key, VersionId=version_id)
    except AwsError as error:
        raise unavailable(staged, error) from error
    found = head["Metadata"].get("manifest_md5", "")
    if found != wanted.manifest_md5:
        raise _inconsistent(f"{staged.uri} (metadata manifest_md5)", found, wanted, "build")
    return _pin(version_id or head.get("VersionId"))


def _inconsistent(where: str, found: str, wanted: WantedLayer, remedy: str) -> PublishError:
    return PublishError(
        f"{where} is inconsistent with the build: MD5 {found or 'missing'}, "
        f"{wanted.manifest_name} had {wanted.manifest_md5}; {remedy} and deploy again"
    )
