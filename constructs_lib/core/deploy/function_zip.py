"""A function in one zip, laid out in S3 from a project in one call, without CDK."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.argument_types import typed
from constructs_lib.core.deploy.clients import s3_services
from constructs_lib.core.deploy.deployment import artifact_folder, log_findings
from constructs_lib.core.deploy.source_zip import is_laid_out
from constructs_lib.core.deploy.upload import put_code_zip
from constructs_lib.core.function.build_function import build_function
from constructs_lib.core.function.function_options import FUNCTION_DEFAULTS, FunctionOptions
from constructs_lib.core.log import log
from constructs_lib.core.progress import QUIET, Progress, readable
from constructs_lib.core.publish.companion import SBOM_TYPE, Companion, put_companion
from constructs_lib.core.publish.layout import SBOM_NAME, FunctionS3Layout

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from constructs_lib.core.function.artifact import FunctionArtifact
    from constructs_lib.core.publish.layout import HasUri, S3Location
    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.target import Target


@dataclass(frozen=True)
class FunctionDeployment:
    """A function's zip in S3."""

    function_sha256: str
    function_version: str
    s3path_function_zip: S3Location
    s3path_manifest: S3Location | None
    """The lock file beside it; None where it could not be written, which the log explains."""
    s3path_sbom: S3Location | None
    is_new: bool
    """The zip was uploaded now; False where it was there already."""


@typed
def deploy_function(
    entry: str | Path,
    target: Target,
    options: FunctionOptions = FUNCTION_DEFAULTS,
    *,
    s3dir_lambda: str | HasUri,
    s3_client: S3Client,
    bucket_owner: str = "",
    store: WheelStore | None = None,
    strict: bool = False,
    progress: Progress = QUIET,
) -> FunctionDeployment:
    """Build the function of the project in `entry` for `target`, and upload it to its place unless it is there already.

    Its place is `{s3dir_lambda}/function/{version}/{sha256}/function.zip`; lock file and SBOM are put beside it. S3 refuses
    the bucket if it is not of the account `bucket_owner`, where that is given. Warnings and notes go to the logger
    `constructs_lib`; with `strict` a warning is an error. Raises an `ArtifactError` whose text is one line.
    """
    folder = artifact_folder(s3dir_lambda, bucket_owner)
    with tempfile.TemporaryDirectory(prefix="constructs-lib-") as scratch:
        path = Path(scratch) / "function.zip"
        function = build_function(entry, path, target, options, store=store, progress=progress)
        log_findings(function, strict=strict)
        what = f"uploading the function, {readable(function.archive.size)}"
        with progress.step("laid out the function", what):
            return _lay_out(s3_client, function, folder)


def _lay_out(s3_client: S3Client, function: FunctionArtifact, s3dir_lambda: S3Location) -> FunctionDeployment:
    version, sha256, manifest = function.version, function.archive.sha256, function.manifest
    layout = FunctionS3Layout.from_s3dir_lambda(s3dir_lambda)
    location = layout.get_s3path_function_zip(version, sha256)
    folder = layout.get_s3dir_function(version, sha256)
    is_new = not is_laid_out(s3_client, location, sha256)
    if is_new:
        put_code_zip(s3_client, version, sha256, function.archive.path, location)
    log.info("%s %s", "uploaded" if is_new else "unchanged:", location.uri)
    services = s3_services(s3_client)
    lock_file = Companion("lock file", manifest.content)
    return FunctionDeployment(
        sha256,
        version,
        location,
        put_companion(services, lock_file, folder / manifest.name),
        put_companion(services, Companion("SBOM", function.sbom, "", SBOM_TYPE), folder / SBOM_NAME),
        is_new,
    )
