"""A project's own code, built, zipped and laid out in S3."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.layout import HasUri, S3Location, SourceS3Layout
from constructs_lib.core.logger import BaseLogger
from constructs_lib.core.path_layout import SourcePathLayout
from constructs_lib.core.project import Project
from constructs_lib.core.publish.aws_errors import AwsError, aws_call
from constructs_lib.core.upload import upload_source_zip
from constructs_lib.core.workflow.source_dir import (
    build_source_dir_using_pip,
    build_source_dir_using_uv,
    create_source_zip,
    installed_version,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client

    from constructs_lib.core.logger import T_PRINTER


@dataclass(frozen=True)
class BuildAndUploadSourceResult:
    """A source zip in S3."""

    source_sha256: str
    s3path_source_zip: S3Location
    source_version: str
    is_new: bool
    """Whether it was uploaded, or lay there already."""


def build_and_upload_source_using_pip(
    s3_client: S3Client,
    dir_project_root: Path,
    s3dir_source: str | HasUri,
    skip_prompt: bool = False,  # noqa: FBT001, FBT002 - the seeds' signature
    verbose: bool = True,  # noqa: FBT001, FBT002 - the seeds' signature
    printer: T_PRINTER = print,
) -> BuildAndUploadSourceResult:
    """Build in `build/lambda/source` with the project's own pip (`.venv/bin/pip`) or that of this environment.

    The zip lies at `{s3dir_source}/{version}/{sha256}/source.zip` then; it is uploaded unless it lies there.
    """
    root = Path(dir_project_root)
    own = root / ".venv" / "bin" / "pip"
    layout = _layout(root)
    build_source_dir_using_pip(
        own if own.is_file() else None,
        root / "pyproject.toml",
        layout.dir_build,
        skip_prompt,
        verbose,
        printer,
    )
    return _zip_and_lay_out(s3_client, root, s3dir_source, verbose=verbose, printer=printer)


def build_and_upload_source_using_uv(
    s3_client: S3Client,
    path_bin_uv: str | Path | None,
    dir_project_root: Path,
    s3dir_source: str | HasUri,
    skip_prompt: bool = False,  # noqa: FBT001, FBT002 - the seeds' signature
    verbose: bool = True,  # noqa: FBT001, FBT002 - the seeds' signature
    printer: T_PRINTER = print,
) -> BuildAndUploadSourceResult:
    """The same with uv; None is the uv of this environment."""
    root = Path(dir_project_root)
    layout = _layout(root)
    build_source_dir_using_uv(
        path_bin_uv, root / "pyproject.toml", layout.dir_build, skip_prompt, verbose, printer
    )
    return _zip_and_lay_out(s3_client, root, s3dir_source, verbose=verbose, printer=printer)


def build_package_upload_source_artifacts(
    s3_client: S3Client,
    dir_project_root: Path,
    s3dir_lambda: str | HasUri,
    skip_prompt: bool = False,  # noqa: FBT001, FBT002 - the seeds' signature
    verbose: bool = True,  # noqa: FBT001, FBT002 - the seeds' signature
    printer: T_PRINTER = print,
) -> BuildAndUploadSourceResult:
    """`build_and_upload_source_using_pip` below `{s3dir_lambda}/source`."""
    s3dir_source = S3Location.parse(SourceS3Layout.from_s3dir_lambda(s3dir_lambda).s3dir_source)
    return build_and_upload_source_using_pip(
        s3_client, dir_project_root, s3dir_source, skip_prompt, verbose, printer
    )


def lay_out(
    s3_client: S3Client,
    version: str,
    sha256: str,
    path: Path,
    s3dir_source: str | HasUri,
    log: Callable[[str], object],
) -> BuildAndUploadSourceResult:
    """Upload the zip unless it lies in its place, where nobody may delete it."""
    location = SourceS3Layout(s3dir_source).get_s3path_source_zip(version, sha256)
    is_new = not _lies_there(s3_client, location, sha256)
    if is_new:
        upload_source_zip(s3_client, version, sha256, path, s3dir_source, printer=log)
    else:
        log(f"unchanged: {location.uri}")
    return BuildAndUploadSourceResult(sha256, location, version, is_new)


def _lies_there(s3_client: S3Client, location: S3Location, sha256: str) -> bool:
    try:
        with aws_call("s3:GetObject", location.uri):
            found = s3_client.head_object(Bucket=location.bucket, Key=location.key)["Metadata"]
    except AwsError as error:
        if error.status == 0:
            raise
        return False  # or may not be looked at: uploading the same bytes once more does no harm
    # One that a stack may delete is written anew, and is nobody's then.
    return found.get("source_sha256") == sha256 and found.get("removal_policy", "retain") == "retain"


def _layout(root: Path) -> SourcePathLayout:
    return SourcePathLayout(root / "build" / "lambda" / "source")


def _zip_and_lay_out(
    s3_client: S3Client, root: Path, s3dir_source: str | HasUri, *, verbose: bool, printer: T_PRINTER
) -> BuildAndUploadSourceResult:
    layout, log = _layout(root), BaseLogger(verbose=verbose, printer=printer)
    sha256 = create_source_zip(layout.dir_build, layout.path_source_zip, verbose, printer)
    version = installed_version(Project.at(root), layout.dir_build)
    return lay_out(s3_client, version, sha256, layout.path_source_zip, s3dir_source, log.log)
