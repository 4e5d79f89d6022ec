"""Builds at synth: when they run, and the annotation that a failure becomes."""

from __future__ import annotations

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import aws_cdk as cdk
from aws_cdk import aws_s3_assets as s3_assets

from constructs_lib.core.errors import ArtifactError, render
from constructs_lib.core.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from constructs import Construct

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

    `meanwhile` makes constructs, which is mostly waiting for Node, so it has a thread; `build` must not ask CDK
    for anything. It is not the other way round because a build takes interrupts, which only the main thread gets.
    """
    needed = cdk.Stack.of(scope).bundling_required
    progress = Progress(prefix=f"{scope.node.path}: ")
    failure, artifact = None, None
    with ThreadPoolExecutor(1, thread_name_prefix="constructs") as pool:
        constructs = pool.submit(meanwhile)
        try:
            artifact = build(progress) if needed else None
        except ArtifactError as error:
            failure = render(error)
    constructs.result()
    if failure is not None:
        cdk.Annotations.of(scope).add_error(failure)
    return artifact


def file_asset(scope: Construct, construct_id: str, path: Path, sha256: str) -> s3_assets.Asset:
    """Make an asset named by its content's sha256, which spares CDK reading the file once more.

    Only the deployment needs it: Lambda and the handler keep copies.
    """
    return s3_assets.Asset(
        scope, construct_id, path=str(lasting(scope, path, sha256)), asset_hash=sha256, deploy_time=True
    )


def lasting(scope: Construct, path: Path, sha256: str) -> Path:
    """Return where the file is when the app has ended: with `--no-staging` CDK names it where it is, and copies none."""
    if not scope.node.try_get_context(DISABLE_ASSET_STAGING_CONTEXT):
        return path
    kept = Path(_stage(scope).asset_outdir) / f"asset.{sha256}{path.suffix}"
    return path if path == kept else Path(shutil.copy(path, kept))


def staged_file(asset: s3_assets.Asset) -> Path:
    """Return the place of the asset's file in the app's output."""
    return Path(_stage(asset).outdir, asset.asset_path)


def _stage(scope: Construct) -> cdk.Stage:
    return cast("cdk.Stage", cdk.Stage.of(scope))
