"""From a project to a published layer, or a laid out source zip, in one call: the wheel route without CDK."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from constructs_lib.core.deploy.clients import script_services
from constructs_lib.core.deploy.layer_attributes import layer_attributes
from constructs_lib.core.deploy.plan import Plan, make_plan
from constructs_lib.core.deploy.source_zip import BuildAndUploadSourceResult, lay_out
from constructs_lib.core.deploy.upload import put_layer_zip
from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.publish.layers.ensure import ensure_layer
from constructs_lib.core.publish.layers.layer_spec import LayerAttributes, LayerSpec
from constructs_lib.core.publish.layout import S3Location
from constructs_lib.core.source.build_source import build_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from typing_extensions import Unpack

    from constructs_lib.core.archive.entry import Compression
    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.layer.build_layer import LayerArtifact
    from constructs_lib.core.lock.locked import LockOptions
    from constructs_lib.core.progress import Progress
    from constructs_lib.core.publish.layers.layer_deployment import LayerDeployment
    from constructs_lib.core.publish.layout import HasUri
    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.target import Target
    from constructs_lib.core.wheels.build_in_container import Container


class BuildOptions(TypedDict, total=False):
    """The keywords of `build_layer`, which mean the same here."""

    lock_options: LockOptions | None
    ignore_package_list: Sequence[str] | None
    container: Container | bool | str | None
    credentials: Sequence[Credentials]
    smoke_test: bool
    compression: Compression
    compile_bytecode: bool
    store: WheelStore | None
    progress: Progress


class SourceOptions(TypedDict, total=False):
    """The keywords of `build_source`, which mean the same here."""

    include: Sequence[str] | None
    exclude: Sequence[str] | None
    credentials: Sequence[Credentials]
    store: WheelStore | None
    progress: Progress


def deploy_layer(
    entry: str | Path,
    target: Target,
    *,
    s3dir_lambda: str | HasUri,
    layer_name: str,
    s3_client: S3Client,
    lambda_client: LambdaClient,
    description: str = "",
    license_info: str = "",
    **options: Unpack[BuildOptions],
) -> LayerDeployment:
    """Build the layer of the project in `entry` for `target`, and publish it unless a live version is the same.

    Nothing is uploaded or written then, and `is_new` is False. `s3dir_lambda` is for this layer alone.
    Published versions are never deleted here. `options` are those of `build_layer`.
    Raises an `ArtifactError` whose text is one line.
    """
    attributes = _attributes(layer_name, target, description, license_info)
    with _built(entry, target, options) as artifact:
        wanted = _wanted(artifact, layer_name, S3Location.parse(s3dir_lambda), attributes)

        def upload() -> None:
            place = wanted.layout.s3path_temp_layer_zip
            put_layer_zip(s3_client, artifact.archive.path, place, artifact.manifest_md5)

        with script_services(s3_client, lambda_client) as services:
            return ensure_layer(services, wanted, upload=upload)


def plan_layer(
    entry: str | Path,
    target: Target,
    *,
    s3dir_lambda: str | HasUri,
    layer_name: str,
    s3_client: S3Client,
    lambda_client: LambdaClient,
    description: str = "",
    license_info: str = "",
    **options: Unpack[BuildOptions],
) -> Plan:
    """What `deploy_layer` with the same arguments would do, and why; it builds, and changes nothing in AWS."""
    attributes = _attributes(layer_name, target, description, license_info)
    with _built(entry, target, options) as artifact, script_services(s3_client, lambda_client) as services:
        return make_plan(
            services, _wanted(artifact, layer_name, S3Location.parse(s3dir_lambda), attributes), artifact
        )


def deploy_source(
    entry: str | Path,
    *,
    s3dir_lambda: str | HasUri,
    s3_client: S3Client,
    **options: Unpack[SourceOptions],
) -> BuildAndUploadSourceResult:
    """Build the source zip of the project in `entry` and lay it out, unless it lies there already.

    Its place is `{s3dir_lambda}/source/{version}/{sha256}/source.zip`. `options` are those of `build_source`.
    """
    with _scratch() as folder:
        source = build_source(entry, folder / "source.zip", **options)
        place = S3Location.parse(s3dir_lambda) / "source"
        return lay_out(s3_client, source.version, source.archive.sha256, source.archive.path, place)


def _attributes(layer_name: str, target: Target, description: str, license_info: str) -> LayerAttributes:
    return layer_attributes(
        layer_name,
        {
            "CompatibleRuntimes": [f"python{target.python_version}"],
            "CompatibleArchitectures": [target.architecture],
            "Description": description,
            "LicenseInfo": license_info,
        },
    )


def _wanted(
    artifact: LayerArtifact, layer_name: str, s3dir_lambda: S3Location, attributes: LayerAttributes
) -> LayerSpec:
    return LayerSpec(
        layer_name=layer_name,
        s3dir_lambda=s3dir_lambda,
        zip_asset=None,
        layer_sha256=artifact.archive.sha256,
        manifest_name=artifact.manifest.name,
        manifest=artifact.manifest.content,
        manifest_md5=artifact.manifest_md5,
        fingerprint=artifact.fingerprint,
        attributes=attributes,
        sbom=artifact.sbom,
    )


@contextmanager
def _built(entry: str | Path, target: Target, options: BuildOptions) -> Iterator[LayerArtifact]:
    with _scratch() as folder:
        yield build_layer(entry, folder / "layer.zip", target, **options)


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="constructs-lib-") as folder:
        yield Path(folder)
