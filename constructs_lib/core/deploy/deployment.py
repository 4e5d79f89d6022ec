"""A published layer, or a source zip in its place in S3, from a project in one call: the wheel route without CDK."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.argument_types import typed
from constructs_lib.core.deploy.clients import s3_services, script_services
from constructs_lib.core.deploy.layer_attributes import layer_attributes
from constructs_lib.core.deploy.plan import Plan, make_plan
from constructs_lib.core.deploy.source_zip import BuildAndUploadSourceResult, lay_out
from constructs_lib.core.deploy.upload import put_layer_zip
from constructs_lib.core.errors import InspectionError
from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.layer.layer_options import LAYER_DEFAULTS, LayerOptions
from constructs_lib.core.log import log
from constructs_lib.core.progress import QUIET, Progress, readable
from constructs_lib.core.publish.aws.s3_objects import list_keys
from constructs_lib.core.publish.layers.ensure import ensure_layer
from constructs_lib.core.publish.layers.layer_spec import LayerAttributes, LayerSpec
from constructs_lib.core.publish.prefix import parse_artifact_folder
from constructs_lib.core.source.build_source import SourceArtifact, build_source
from constructs_lib.core.source.source_options import SOURCE_DEFAULTS, SourceOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client

    from constructs_lib.core.layer.artifact import LayerArtifact
    from constructs_lib.core.publish.layers.layer_deployment import LayerDeployment
    from constructs_lib.core.publish.layout import HasUri, S3Location
    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.target import Target


@typed
def deploy_layer(
    entry: str | Path,
    target: Target,
    options: LayerOptions = LAYER_DEFAULTS,
    *,
    s3dir_lambda: str | HasUri,
    layer_name: str,
    s3_client: S3Client,
    lambda_client: LambdaClient,
    description: str = "",
    license_info: str = "",
    bucket_owner: str = "",
    store: WheelStore | None = None,
    strict: bool = False,
    progress: Progress = QUIET,
) -> LayerDeployment:
    """Build the layer of the project in `entry` for `target`, and publish it unless a live version is the same.

    Nothing is uploaded or written then, and `is_new` is False. `s3dir_lambda` is for this layer alone; S3
    refuses its bucket if it is not of the account `bucket_owner`, where that is given.
    Published versions are never deleted here. Warnings and notes about the layer go to the logger `constructs_lib`;
    with `strict` a warning is an error, before anything is uploaded.
    Raises an `ArtifactError` whose text is one line.
    """
    attributes = _attributes(layer_name, target, description, license_info)
    folder = artifact_folder(s3dir_lambda, bucket_owner)
    with _built(entry, target, options, store, progress, strict=strict) as artifact:
        _reach(folder, s3_client)
        spec = _layer_spec(artifact, layer_name, folder, attributes)

        def upload() -> None:
            location = spec.layout.s3path_temp_layer_zip
            what = f"the layer's zip, {readable(artifact.archive.size)}"
            with progress.step(f"uploaded {what}", f"uploading {what}"):
                put_layer_zip(s3_client, artifact.archive.path, location, artifact.manifest_md5)

        with script_services(s3_client, lambda_client) as services:
            return ensure_layer(services, spec, upload=upload)


@typed
def plan_layer(
    entry: str | Path,
    target: Target,
    options: LayerOptions = LAYER_DEFAULTS,
    *,
    s3dir_lambda: str | HasUri,
    layer_name: str,
    s3_client: S3Client,
    lambda_client: LambdaClient,
    description: str = "",
    license_info: str = "",
    bucket_owner: str = "",
    store: WheelStore | None = None,
    strict: bool = False,
    progress: Progress = QUIET,
) -> Plan:
    """Return what `deploy_layer` with the same arguments would do, and why; nothing in AWS is changed."""
    attributes = _attributes(layer_name, target, description, license_info)
    folder = artifact_folder(s3dir_lambda, bucket_owner)
    with (
        _built(entry, target, options, store, progress, strict=strict) as artifact,
        script_services(s3_client, lambda_client) as services,
    ):
        _reach(folder, s3_client)
        spec = _layer_spec(artifact, layer_name, folder, attributes)
        return make_plan(services, spec, artifact)


@typed
def deploy_source(
    entry: str | Path,
    options: SourceOptions = SOURCE_DEFAULTS,
    *,
    s3dir_lambda: str | HasUri,
    s3_client: S3Client,
    bucket_owner: str = "",
    store: WheelStore | None = None,
    strict: bool = False,
    progress: Progress = QUIET,
) -> BuildAndUploadSourceResult:
    """Build the source zip of the project in `entry` and upload it to its place, unless it is there already.

    Its place is `{s3dir_lambda}/source/{version}/{sha256}/source.zip`.
    """
    artifacts = artifact_folder(s3dir_lambda, bucket_owner)
    with _scratch() as folder:
        source = build_source(entry, folder / "source.zip", options, store=store, progress=progress)
        log_findings(source, strict=strict)
        location = artifacts / "source"
        sha256, path = source.archive.sha256, source.archive.path
        with progress.step("laid out the source", f"uploading the source, {readable(source.archive.size)}"):
            return lay_out(s3_client, source.version, sha256, path, location)


def artifact_folder(s3dir_lambda: str | HasUri, bucket_owner: str) -> S3Location:
    """Return the folder, whose bucket S3 refuses if it is not of the account `bucket_owner`, where that is given."""
    location = parse_artifact_folder(s3dir_lambda)
    return replace(location, owner=bucket_owner or location.owner)


def _reach(folder: S3Location, s3_client: S3Client) -> None:
    """Raise a PublishError for a bucket that cannot be listed: a plan and a publication look at it alike."""
    list_keys(s3_services(s3_client), folder / "", most=1)


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


def _layer_spec(
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
        manifest_sha256=hashlib.sha256(artifact.manifest.content).hexdigest(),
        fingerprint=artifact.fingerprint,
        attributes=attributes,
        sbom=artifact.sbom,
    )


@contextmanager
def _built(
    entry: str | Path,
    target: Target,
    options: LayerOptions,
    store: WheelStore | None,
    progress: Progress,
    *,
    strict: bool,
) -> Iterator[LayerArtifact]:
    """Build the layer in a temporary folder; the caller gets no artifact, so its findings are logged."""
    with _scratch() as folder:
        artifact = build_layer(entry, folder / "layer.zip", target, options, store=store, progress=progress)
        log_findings(artifact, strict=strict)
        yield artifact


def log_findings(artifact: LayerArtifact | SourceArtifact, *, strict: bool = False) -> None:
    """Log warnings and notes: the caller of a deployment gets no artifact. `strict` raises for a warning."""
    for warning in artifact.warnings:
        log.warning(warning.text)
    for note in artifact.notes:
        # An acknowledged finding may be an error: it stays visible where only warnings are shown.
        log.log(logging.WARNING if note.acknowledged else logging.INFO, "note: %s", note.text)
    if strict:
        refuse_warnings([warning.text for warning in artifact.warnings])


def refuse_warnings(warnings: Sequence[str]) -> None:
    """Raise an InspectionError if there are warnings."""
    if warnings:
        several = len(warnings) > 1
        raise InspectionError(
            "warnings-refused",
            f"{len(warnings)} warning{'s' if several else ''}, and strict makes {'them' if several else 'it'} a "
            f"failure: {warnings[0]}",
        )


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="constructs-lib-") as folder:
        yield Path(folder)
