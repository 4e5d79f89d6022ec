"""A project's own code, built, zipped and laid out in S3."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.compat.logger import BaseLogger
from constructs_lib.core.compat.path_layout import SourcePathLayout
from constructs_lib.core.compat.source_dir import (
    build_source_dir_using_pip,
    build_source_dir_using_uv,
    create_source_zip,
    installed_version,
)
from constructs_lib.core.deploy.source_zip import BuildAndUploadSourceResult, lay_out
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.publish.layout import HasUri, S3Location, SourceS3Layout

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from constructs_lib.core.compat.logger import T_PRINTER


def build_and_upload_source_using_pip(
    s3_client: S3Client,
    dir_project_root: Path,
    s3dir_source: str | HasUri,
    skip_prompt: bool = False,  # noqa: FBT001, FBT002 - the seeds' order
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
    skip_prompt: bool = False,  # noqa: FBT001, FBT002 - the seeds' order
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
    skip_prompt: bool = False,  # noqa: FBT001, FBT002 - the seeds' order
    verbose: bool = True,  # noqa: FBT001, FBT002 - the seeds' signature
    printer: T_PRINTER = print,
) -> BuildAndUploadSourceResult:
    """`build_and_upload_source_using_pip` below `{s3dir_lambda}/source`."""
    s3dir_source = S3Location.parse(SourceS3Layout.from_s3dir_lambda(s3dir_lambda).s3dir_source)
    return build_and_upload_source_using_pip(
        s3_client, dir_project_root, s3dir_source, skip_prompt, verbose, printer
    )


def _layout(root: Path) -> SourcePathLayout:
    return SourcePathLayout(root / "build" / "lambda" / "source")


def _zip_and_lay_out(
    s3_client: S3Client, root: Path, s3dir_source: str | HasUri, *, verbose: bool, printer: T_PRINTER
) -> BuildAndUploadSourceResult:
    layout, log = _layout(root), BaseLogger(verbose=verbose, printer=printer)
    sha256 = create_source_zip(layout.dir_build, layout.path_source_zip, verbose, printer)
    version = installed_version(Project.at(root), layout.dir_build)
    with log.printed_lines():
        return lay_out(s3_client, version, sha256, layout.path_source_zip, s3dir_source)
