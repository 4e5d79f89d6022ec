"""A layer at synth: built, its findings annotated, its files staged."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

from constructs_lib.cdk.synth import NOT_BUILT, build_at_synth, file_asset, scratch_folder
from constructs_lib.core.publish.layout import SBOM_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aws_cdk import aws_s3_assets as s3_assets
    from constructs import Construct

    from constructs_lib.core.layer.build_layer import LayerArtifact
    from constructs_lib.core.progress import Progress
    from constructs_lib.core.target import Target


def build_staged(
    scope: Construct,
    entry: str | Path,
    target: Target,
    options: Mapping[str, Any],
    report: str | Path | None,
    meanwhile: Callable[[], object],
) -> tuple[dict[str, str], list[s3_assets.Asset]]:
    """Build, or not; the handler's properties that depend on it, and the staged files.

    `options` are `build_layer`'s, those of `LockOptions` among them as `lock_options`.
    """
    with scratch_folder() as folder:

        def build(progress: Progress) -> LayerArtifact:
            # Imported here: it goes on while Node makes constructs.
            from constructs_lib.core.layer.build_layer import build_layer
            from constructs_lib.core.lock.locked import LockOptions

            lock_options = LockOptions(**options["lock_options"])
            chosen = {**options, "lock_options": lock_options, "progress": progress}
            artifact = build_layer(entry, folder / "layer.zip", target, **chosen)
            if report is not None:
                _write_report(artifact, Path(report), progress)
            return artifact

        artifact = build_at_synth(scope, build, meanwhile)
        if artifact is None:
            return {"LayerSha256": NOT_BUILT}, []
        _annotate(scope, artifact)
        return _stage(scope, artifact, folder)


def _write_report(artifact: LayerArtifact, path: Path, progress: Progress) -> None:
    from constructs_lib.core.report.layer_report import report_layer
    from constructs_lib.core.report.page import write_html

    with progress.step(f"wrote {path}"):
        write_html(report_layer(artifact), path)


def _annotate(scope: Construct, artifact: LayerArtifact) -> None:
    annotations = cdk.Annotations.of(scope)
    for finding in artifact.warnings:
        annotations.add_warning_v2(f"constructs-lib:{finding.id}", finding.text)
    for note in artifact.notes:
        annotations.add_info_v2(f"constructs-lib:{note.id}", note.text)


def _stage(
    scope: Construct, artifact: LayerArtifact, folder: Path
) -> tuple[dict[str, str], list[s3_assets.Asset]]:
    archive, manifest = artifact.archive, artifact.manifest
    layer_asset = file_asset(scope, "LayerZip", archive.path, archive.sha256)
    manifest_asset = _content_asset(scope, "Manifest", folder / manifest.name, manifest.content)
    sbom_asset = _content_asset(scope, "Sbom", folder / SBOM_NAME, artifact.sbom)
    return {
        "AssetBucket": layer_asset.s3_bucket_name,
        "AssetKey": layer_asset.s3_object_key,
        "LayerSha256": archive.sha256,
        "ManifestName": manifest.name,
        "ManifestAssetBucket": manifest_asset.s3_bucket_name,
        "ManifestAssetKey": manifest_asset.s3_object_key,
        "ManifestMd5": artifact.manifest_md5,
        "Fingerprint": artifact.fingerprint,
        "SbomAssetBucket": sbom_asset.s3_bucket_name,
        "SbomAssetKey": sbom_asset.s3_object_key,
    }, [layer_asset, manifest_asset, sbom_asset]


def _content_asset(scope: Construct, construct_id: str, path: Path, content: bytes) -> s3_assets.Asset:
    path.write_bytes(content)
    return file_asset(scope, construct_id, path, hashlib.sha256(content).hexdigest())
