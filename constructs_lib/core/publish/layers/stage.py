"""Steps 3 to 5 of a publication: the asset exists, is copied to `layer/layer.zip`, and matches its manifest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.aws.s3_objects import check_asset, copy_object, read_asset, reading_asset
from constructs_lib.core.publish.aws.side_by_side import both
from constructs_lib.core.publish.layout import S3MetadataKeyEnum

if TYPE_CHECKING:
    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layers.layer_spec import LayerSpec
    from constructs_lib.core.publish.layout import S3Location

_MD5 = S3MetadataKeyEnum.manifest_md5.value


@dataclass(frozen=True, slots=True)
class StagedLayer:
    """A checked zip to publish from. `version_id` is None where the bucket has no versions."""

    location: S3Location
    version_id: str | None
    manifest: bytes


def stage_layer(services: AwsServices, spec: LayerSpec) -> StagedLayer:
    """Copy the zip to its place and check that the manifest describes it.

    Preflight 2: the MD5 in the zip's metadata, the one from the build and that of the manifest's bytes, read back, are
    equal.
    """
    version_id = None
    if spec.zip_asset is not None:
        head, manifest = both(
            services, partial(check_asset, services, spec.zip_asset), partial(read_manifest, services, spec)
        )
        version_id = _copy(services, spec, spec.zip_asset, head["ETag"])
    else:
        manifest = read_manifest(services, spec)
    version_id = _check_metadata(services, spec, version_id)
    return StagedLayer(spec.layout.s3path_temp_layer_zip, version_id, manifest)


def _copy(services: AwsServices, spec: LayerSpec, asset: S3Location, etag: str) -> str | None:
    """Copy the asset and return the version id of the copy, if the bucket has versions."""
    target = spec.layout.s3path_temp_layer_zip
    answer = copy_object(services, asset, target, etag, {_MD5: spec.manifest_md5})
    checksum = answer["CopyObjectResult"].get("ChecksumSHA256", "")
    # A checksum with a dash is one of the upload's parts and cannot be compared.
    if checksum and "-" not in checksum and checksum != spec.code_sha256:
        raise PublishError(
            "asset-changed",
            f"{asset.uri} is not the zip that was built: its sha256 (base64) is {checksum}, "
            f"the build's is {spec.code_sha256}; delete the asset and deploy again",
        )
    return _usable(answer.get("VersionId"))


def _usable(version_id: str | None) -> str | None:
    """Return a version id that can be published from; "null" is that of a bucket without versions."""
    return None if version_id == "null" else version_id


def read_manifest(services: AwsServices, spec: LayerSpec) -> bytes:
    """Read the manifest's bytes and check them against their hashes from the build."""
    if isinstance(spec.manifest, bytes):
        source, manifest, remedy = spec.manifest_name, spec.manifest, "build"
    else:
        # The CDK CLI uploads an asset only where there is none, so a wrong one has to be deleted.
        source, manifest, remedy = spec.manifest.uri, read_asset(services, spec.manifest), "delete the asset"
    md5 = hashlib.md5(manifest, usedforsecurity=False).hexdigest()
    if md5 != spec.manifest_md5:
        raise _inconsistent(source, md5, spec, remedy)
    sha256 = hashlib.sha256(manifest).hexdigest()
    if spec.manifest_sha256 not in {"", sha256}:
        raise PublishError(
            "manifest-inconsistent",
            f"{source} is inconsistent with the build: its sha256 is {sha256}, that of {spec.manifest_name} was "
            f"{spec.manifest_sha256}; {remedy} and deploy again",
        )
    return manifest


def _check_metadata(services: AwsServices, spec: LayerSpec, version_id: str | None) -> str | None:
    """Compare the staged zip's metadata with the build; return the version id that was checked."""
    staged = spec.layout.s3path_temp_layer_zip
    with reading_asset(staged):
        if version_id is None:
            head = services.s3.head_object(**staged.params)
        else:
            head = services.s3.head_object(**staged.params, VersionId=version_id)
    md5 = head["Metadata"].get(_MD5, "")
    if md5 != spec.manifest_md5:
        raise _inconsistent(f"{staged.uri} (metadata {_MD5})", md5, spec, "build")
    return _usable(version_id or head.get("VersionId"))


def _inconsistent(source: str, md5: str, spec: LayerSpec, remedy: str) -> PublishError:
    return PublishError(
        "manifest-inconsistent",
        f"{source} is inconsistent with the build: its MD5 is {md5 or 'missing'}, "
        f"that of {spec.manifest_name} was {spec.manifest_md5}; {remedy} and deploy again",
    )
