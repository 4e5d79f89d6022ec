"""Step 4: publish a zip that step 3 has uploaded."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_lib.core.compat.logger import KeywordLogger
from constructs_lib.core.compat.manifest import DERIVED, ManifestPaths, md5, read_manifest
from constructs_lib.core.compat.required import REQUIRED, refuse_missing
from constructs_lib.core.compat.session import s3_client_of
from constructs_lib.core.deploy.clients import script_services
from constructs_lib.core.deploy.layer_attributes import layer_attributes
from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.aws.aws_errors import aws_call
from constructs_lib.core.publish.aws.s3_objects import read_object_metadata
from constructs_lib.core.publish.layers.ensure import ensure_layer
from constructs_lib.core.publish.layers.find import find_same
from constructs_lib.core.publish.layers.layer_spec import LayerSpec
from constructs_lib.core.publish.layers.live_versions import list_live_versions
from constructs_lib.core.publish.layout import S3Location, S3MetadataKeyEnum

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from mypy_boto3_lambda import LambdaClient

    from constructs_lib.core.compat.build_tool import LayerBuildToolEnum
    from constructs_lib.core.compat.session import S3Access
    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layers.layer_deployment import LayerDeployment
    from constructs_lib.core.publish.layers.layer_spec import LayerAttributes
    from constructs_lib.core.publish.layout import HasUri

_CHUNK = 1 << 20


class LayerZipMissingError(PublishError, FileNotFoundError):
    """Preflight 1: `layer/layer.zip` was not uploaded."""


class LayerZipInconsistentError(PublishError, ValueError):
    """Preflight 2: the uploaded zip was built from another manifest."""


class LayerUnchangedError(PublishError, ValueError):
    """Preflight 3: a live version is the same. Only `step_1_3_ensure_dependencies_have_changed` raises it."""


@dataclass(frozen=True)
class LambdaLayerVersionPublisher(ManifestPaths, KeywordLogger):
    """A version of the layer, published from `layer/layer.zip` if no live version is the same.

    One of `path_manifest` and `layer_build_tool` is given, the other is derived.
    """

    path_pyproject_toml: Path
    s3dir_lambda: str | HasUri
    path_manifest: Path = DERIVED
    s3_client: S3Access = REQUIRED
    layer_name: str = REQUIRED
    lambda_client: LambdaClient = REQUIRED
    publish_layer_version_kwargs: Mapping[str, Any] | None = None
    """`CompatibleRuntimes`, `CompatibleArchitectures`, `Description`, `LicenseInfo`."""
    layer_build_tool: LayerBuildToolEnum | str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        refuse_missing(self)
        self._derive_manifest()

    def run(self) -> LayerDeployment:
        """Check that the zip exists and belongs to the manifest; publish it unless a live version is the same.

        Raises a PublishError "does not exist" or "inconsistent". An unchanged layer is no error: the deployment then
        names the live version and `is_new` is False.
        """
        attributes = self._attributes
        manifest = read_manifest(self.path_manifest)
        with self._services() as services:
            return ensure_layer(services, self._spec(services, manifest, attributes))

    # --- the steps of the released packages --------------------------------------------------------------

    def step_1_preflight_check(self) -> None:
        """Check that the zip exists and belongs to the manifest; step 2 finds out if the layer changed."""
        self.step_1_1_ensure_layer_zip_exists()
        self.step_1_2_ensure_layer_zip_is_consistent()

    def step_1_1_ensure_layer_zip_exists(self) -> None:
        """Raise a FileNotFoundError, which is a PublishError too, if the zip was not uploaded."""
        with self._services() as services:
            self._zip_metadata(services)

    def step_1_2_ensure_layer_zip_is_consistent(self) -> None:
        """Raise a ValueError, which is a PublishError too, if the zip was built from another manifest."""
        with self._services() as services:
            self._check_manifest(self._zip_metadata(services), read_manifest(self.path_manifest))

    def step_1_3_ensure_dependencies_have_changed(self) -> None:
        """Raise a ValueError, which is a PublishError too, if a live version is the same."""
        if not self.has_dependency_manifest_changed():
            raise LayerUnchangedError(
                "layer-unchanged", f"layer {self.layer_name} is unchanged: a live version has the same bytes"
            )

    def step_2_publish_layer_version(self) -> LayerDeployment:
        """Publish as `run` does."""
        return self.run()

    def is_layer_zip_exists(self) -> bool:
        with self._services() as services:
            return read_object_metadata(services, self.s3_layout.s3path_temp_layer_zip) is not None

    def is_layer_zip_consistent(self) -> bool:
        """Return False if the zip was built from another manifest, and if there is none."""
        with self._services() as services:
            metadata = read_object_metadata(services, self.s3_layout.s3path_temp_layer_zip) or {}
        return metadata.get(S3MetadataKeyEnum.manifest_md5.value) == self.manifest_md5

    def has_dependency_manifest_changed(self) -> bool:
        """Return False if a live version has the bytes and the attributes of the uploaded zip."""
        attributes = self._attributes
        manifest = read_manifest(self.path_manifest)
        with self._services() as services:
            spec = self._spec(services, manifest, attributes)
            live = list_live_versions(services, self.layer_name)
            return find_same(services, spec, live) is None

    # --- parts -------------------------------------------------------------------------------------------

    @property
    def _attributes(self) -> LayerAttributes:
        return layer_attributes(self.layer_name, self.publish_layer_version_kwargs)

    @contextmanager
    def _services(self) -> Iterator[AwsServices]:
        s3_client = s3_client_of(self.s3_client)
        with self.printed_lines(), script_services(s3_client, self.lambda_client) as services:
            yield services

    def _spec(self, services: AwsServices, manifest: bytes, attributes: LayerAttributes) -> LayerSpec:
        """Return the layer of the uploaded zip, which is checked first."""
        metadata = self._zip_metadata(services)
        self._check_manifest(metadata, manifest)
        sha256 = metadata.get(S3MetadataKeyEnum.layer_sha256.value) or _read_sha256(
            services, self.s3_layout.s3path_temp_layer_zip
        )
        return tree_spec(
            self.layer_name, self.s3dir_lambda, self.path_manifest.name, manifest, sha256, attributes
        )

    def _zip_metadata(self, services: AwsServices) -> Mapping[str, str]:
        location = self.s3_layout.s3path_temp_layer_zip
        metadata = read_object_metadata(services, location)
        if metadata is None:
            raise LayerZipMissingError(
                "layer-zip-missing",
                f"{location.uri} does not exist: upload the layer's zip first (upload_layer_zip_to_s3)",
            )
        return metadata

    def _check_manifest(self, metadata: Mapping[str, str], manifest: bytes) -> None:
        recorded = metadata.get(S3MetadataKeyEnum.manifest_md5.value, "")
        if recorded != md5(manifest):
            raise LayerZipInconsistentError(
                "manifest-inconsistent",
                f"{self.s3_layout.s3path_temp_layer_zip.uri} is inconsistent with {self.path_manifest}: it was built "
                f"from MD5 {recorded or 'unknown'}, the file has {md5(manifest)}; build, zip and upload again",
            )


def tree_spec(
    layer_name: str,
    s3dir_lambda: str | HasUri,
    manifest_name: str,
    manifest: bytes,
    layer_sha256: str,
    attributes: LayerAttributes,
) -> LayerSpec:
    """Return the value of a layer from an installed tree, which is the same as another one if its bytes are.

    It has no fingerprint: the inputs (the Python, the files of path dependencies, a builder's own steps) are unknown.
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
    """Return the hash of a zip that another program has uploaded, by reading it."""
    digest = hashlib.sha256()
    with aws_call("s3:GetObject", location.uri):
        body = services.s3.get_object(Bucket=location.bucket, Key=location.key)["Body"]
        for chunk in body.iter_chunks(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
