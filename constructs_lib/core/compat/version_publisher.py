"""Step 4 for a zip that step 3 has uploaded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_lib.core.compat.logger import BaseLogger
from constructs_lib.core.compat.manifest import LayerManifestManager, md5, read_manifest
from constructs_lib.core.deploy.clients import script_services
from constructs_lib.core.deploy.layer_attributes import layer_attributes
from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.aws.aws_errors import aws_call
from constructs_lib.core.publish.aws.s3_objects import read_object_metadata
from constructs_lib.core.publish.layers.ensure import ensure_layer
from constructs_lib.core.publish.layers.layer_spec import LayerSpec
from constructs_lib.core.publish.layout import S3Location, S3MetadataKeyEnum

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client

    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layers.layer_deployment import LayerDeployment
    from constructs_lib.core.publish.layers.layer_spec import LayerAttributes
    from constructs_lib.core.publish.layout import HasUri

_CHUNK = 1 << 20


@dataclass(frozen=True)
class LambdaLayerVersionPublisher(BaseLogger):
    """Publishes `layer/layer.zip` as a version of the layer, if no live version is the same."""

    path_pyproject_toml: Path
    s3dir_lambda: str | HasUri
    path_manifest: Path
    s3_client: S3Client
    layer_name: str
    lambda_client: LambdaClient
    publish_layer_version_kwargs: Mapping[str, Any] | None = None
    """`CompatibleRuntimes`, `CompatibleArchitectures`, `Description`, `LicenseInfo`."""

    @property
    def manifest(self) -> LayerManifestManager:
        return LayerManifestManager(
            self.path_pyproject_toml, self.s3dir_lambda, path_manifest=self.path_manifest
        )

    def run(self) -> LayerDeployment:
        """Check that the zip exists, that it belongs to the manifest, and that it is new; then publish.

        A PublishError "does not exist" or "inconsistent" for the first two. What is not new is no error: the
        deployment then names the live version and `is_new` is False.
        """
        attributes = layer_attributes(self.layer_name, self.publish_layer_version_kwargs)
        manifest = read_manifest(self.manifest.path_manifest)
        with self.printed_lines(), script_services(self.s3_client, self.lambda_client) as services:
            sha256 = self._check_zip(services, manifest)
            wanted = wanted_tree(
                self.layer_name, self.s3dir_lambda, self.path_manifest.name, manifest, sha256, attributes
            )
            return ensure_layer(services, wanted)

    def _check_zip(self, services: AwsServices, manifest: bytes) -> str:
        """The sha256 of the uploaded zip."""
        location = self.manifest.s3_layout.s3path_temp_layer_zip
        metadata = read_object_metadata(services, location)
        if metadata is None:
            msg = f"{location.uri} does not exist: upload the layer's zip first (upload_layer_zip_to_s3)"
            raise PublishError(msg)
        found = metadata.get(S3MetadataKeyEnum.manifest_md5.value, "")
        if found != md5(manifest):
            msg = (
                f"{location.uri} is inconsistent with {self.path_manifest}: it was built from MD5 "
                f"{found or 'unknown'}, the file has {md5(manifest)}; build, zip and upload again"
            )
            raise PublishError(msg)
        return metadata.get(S3MetadataKeyEnum.layer_sha256.value, "") or _read_sha256(services, location)


def wanted_tree(
    layer_name: str,
    s3dir_lambda: str | HasUri,
    manifest_name: str,
    manifest: bytes,
    layer_sha256: str,
    attributes: LayerAttributes,
) -> LayerSpec:
    """A layer from an installed tree. Its bytes alone say whether it is the same.

    A fingerprint of the inputs is not known: which Python, which files of a path dependency, what a builder
    of one's own has done.
    """
    return LayerSpec(
        layer_name=layer_name,
        s3dir_lambda=S3Location.parse(s3dir_lambda),
        zip_asset=None,
        layer_sha256=layer_sha256,
        manifest_name=manifest_name,
        manifest=manifest,
        manifest_md5=md5(manifest),
        fingerprint="",
        attributes=attributes,
    )


def _read_sha256(services: AwsServices, location: S3Location) -> str:
    """Of a zip that somebody else has uploaded: read it."""
    digest = hashlib.sha256()
    with aws_call("s3:GetObject", location.uri):
        body = services.s3.get_object(Bucket=location.bucket, Key=location.key)["Body"]
        for chunk in body.iter_chunks(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
