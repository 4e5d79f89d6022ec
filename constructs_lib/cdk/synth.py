"""Builds at synth: when they run, and the annotations that failures and findings become."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import aws_cdk as cdk
from aws_cdk import aws_s3_assets as s3_assets

from constructs_lib.cdk.answers import context_of, path_of, stack_of
from constructs_lib.core.errors import ArtifactError, render
from constructs_lib.core.progress import Progress
from constructs_lib.core.system.unexpected import guarding, traceback_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from constructs import Construct

    from constructs_lib.core.layer.artifact import LayerArtifact
    from constructs_lib.core.source.build_source import SourceArtifact

Artifact = TypeVar("Artifact")

DISABLE_ASSET_STAGING_CONTEXT = "aws:cdk:disable-asset-staging"
"""Set by `cdk synth --no-staging`; the name in CDK's `cx-api`, which has it for TypeScript only."""


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield a folder for a build; CDK copies an asset into its output when the asset is made."""
    with tempfile.TemporaryDirectory(prefix="constructs-lib-") as folder:
        yield Path(folder)


def build_at_synth(
    scope: Construct, build: Callable[[Progress], Artifact], meanwhile: Callable[[], object]
) -> Artifact | None:
    """Run `build` if the stack is going to be deployed; return None if it is not, or if building failed.

    A failure is an error annotation at the construct's path: the CDK CLI shows it as one line and refuses to
    deploy this stack, while the app's other stacks still synthesize.

    `meanwhile` makes constructs, which is mostly waiting for Node, so it has a thread; until it has ended the main thread
    must not ask CDK for anything: an answer that the other thread takes is waited for without an end. It is not the
    other way round because a build takes interrupts, which only the main thread gets.
    """
    needed, path = stack_of(scope).bundling_required, path_of(scope)
    progress = Progress(prefix=f"{path}: ")
    failure, artifact = None, None
    with ThreadPoolExecutor(1, thread_name_prefix="constructs") as pool:
        constructs = pool.submit(meanwhile)
        try:
            with guarding(path):
                artifact = build(progress) if needed else None
        except ArtifactError as error:
            failure = render(error)
            if os.environ.get("CDK_DEBUG"):
                sys.stderr.write(traceback_of(error))
    constructs.result()
    if failure is not None:
        cdk.Annotations.of(scope).add_error(failure)
    return artifact


def annotate(scope: Construct, artifact: LayerArtifact | SourceArtifact) -> None:
    """Annotate the construct with the findings of what was built."""
    annotations = cdk.Annotations.of(scope)
    for finding in artifact.warnings:
        annotations.add_warning_v2(f"constructs-lib:{finding.id}", finding.text)
    for note in artifact.notes:
        annotations.add_info_v2(f"constructs-lib:{note.id}", note.text)


def file_asset(scope: Construct, construct_id: str, path: Path, sha256: str) -> s3_assets.Asset:
    """Make an asset named by its content's sha256, which spares CDK reading the file once more.

    Only the deployment needs it: Lambda and the handler keep copies.
    """
    return s3_assets.Asset(
        scope, construct_id, path=str(lasting(scope, path, sha256)), asset_hash=sha256, deploy_time=True
    )


def lasting(scope: Construct, path: Path, sha256: str) -> Path:
    """Return where the file is when the app has ended: with `--no-staging` CDK names it where it is, and copies none."""
    if not context_of(scope, DISABLE_ASSET_STAGING_CONTEXT):
        return path
    in_output = Path(_stage(scope).asset_outdir) / f"asset.{sha256}{path.suffix}"
    return path if path == in_output else Path(shutil.copy(path, in_output))


def staged_file(asset: s3_assets.Asset) -> Path:
    """Return the place of the asset's file in the app's output."""
    return Path(_stage(asset).outdir, asset.asset_path)


def _stage(scope: Construct) -> cdk.Stage:
    return cast("cdk.Stage", cdk.Stage.of(scope))
