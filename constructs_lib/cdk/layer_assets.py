"""A layer at synth: built, its findings annotated, its files staged."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.cdk.answers import path_of
from constructs_lib.cdk.built_once import BuiltOnce, Request
from constructs_lib.cdk.synth import annotate, build_at_synth, file_asset, scratch_folder, staged_file
from constructs_lib.core.publish.layout import NOT_BUILT, SBOM_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import aws_s3_assets as s3_assets
    from constructs import Construct

    from constructs_lib.core.layer.artifact import LayerArtifact
    from constructs_lib.core.layer.layer_options import LayerOptions
    from constructs_lib.core.progress import Progress
    from constructs_lib.core.target import Target


@dataclass(frozen=True)
class LayerRequest:
    """The layer that a construct stands for."""

    entry: str | Path
    target: Target
    options: LayerOptions
    report: str | Path | None
    """File for an HTML page of its contents."""

    @property
    def key(self) -> Request:
        """The choices of the layer, without its report."""
        return Request(Path(self.entry).absolute(), self.target, self.options)

    def build(self, folder: Path, once: BuiltOnce, progress: Progress) -> LayerArtifact:
        """Build the layer, unless the app has built it before, and its report."""

        def build(progress: Progress) -> LayerArtifact:
            # 80 ms, which pass while Node makes constructs.
            from constructs_lib.core.layer.build_layer import build_layer

            path = folder / "layer.zip"
            return build_layer(self.entry, path, self.target, self.options, progress=progress)

        artifact = once.build(self.key, build, progress)
        if self.report is not None:
            write_report(artifact, Path(self.report), progress)
        return artifact


class StagedLayer(NamedTuple):
    """A layer at synth."""

    artifact: LayerArtifact | None
    """None where nothing was built."""
    properties: dict[str, str]
    """The handler's properties of the layer."""
    assets: list[s3_assets.Asset]


def build_staged(scope: Construct, request: LayerRequest, meanwhile: Callable[[], object]) -> StagedLayer:
    """Build, if the stack needs it, and stage the files."""
    once = BuiltOnce.of(scope)
    with scratch_folder() as folder:
        artifact = build_at_synth(scope, lambda progress: request.build(folder, once, progress), meanwhile)
        if artifact is None:
            return StagedLayer(None, {"LayerSha256": NOT_BUILT}, [])
        annotate(scope, artifact)
        properties, assets = _stage(scope, artifact, folder)
        once.keep(request.key, artifact, staged_file(assets[0]), path_of(scope))
        return StagedLayer(artifact, properties, assets)


def write_report(artifact: LayerArtifact, path: Path, progress: Progress) -> None:
    """Write the page of what the artifact holds."""
    # 15 ms: only for a report.
    from constructs_lib.core.report.layer_report import report_layer
    from constructs_lib.core.report.page import write_html

    with progress.step(f"wrote {path}", f"writing {path}"):
        write_html(report_layer(artifact), path)


def _stage(
    scope: Construct, artifact: LayerArtifact, folder: Path
) -> tuple[dict[str, str], list[s3_assets.Asset]]:
    archive = artifact.archive
    layer_asset = file_asset(scope, "LayerZip", archive.path, archive.sha256)
    properties, assets = stage_documents(scope, artifact, folder)
    return {
        "AssetBucket": layer_asset.s3_bucket_name,
        "AssetKey": layer_asset.s3_object_key,
        "LayerSha256": archive.sha256,
        **properties,
        "ManifestMd5": artifact.manifest_md5,
        "Fingerprint": artifact.fingerprint,
    }, [layer_asset, *assets]


def stage_documents(
    scope: Construct, artifact: LayerArtifact, folder: Path
) -> tuple[dict[str, str], list[s3_assets.Asset]]:
    """Stage lock file and SBOM; return the handler's properties of them too."""
    manifest = artifact.manifest
    manifest_asset = _content_asset(scope, "Manifest", folder / manifest.name, manifest.content)
    sbom_asset = _content_asset(scope, "Sbom", folder / SBOM_NAME, artifact.sbom)
    return {
        "ManifestName": manifest.name,
        "ManifestAssetBucket": manifest_asset.s3_bucket_name,
        "ManifestAssetKey": manifest_asset.s3_object_key,
        "ManifestSha256": hashlib.sha256(manifest.content).hexdigest(),
        "SbomAssetBucket": sbom_asset.s3_bucket_name,
        "SbomAssetKey": sbom_asset.s3_object_key,
        "SbomSha256": hashlib.sha256(artifact.sbom).hexdigest(),
    }, [manifest_asset, sbom_asset]


def _content_asset(scope: Construct, construct_id: str, path: Path, content: bytes) -> s3_assets.Asset:
    path.write_bytes(content)
    return file_asset(scope, construct_id, path, hashlib.sha256(content).hexdigest())
