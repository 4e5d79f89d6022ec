"""A project's own code, built, zipped and laid out in S3."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.compat.logger import BaseLogger
from constructs_lib.core.compat.path_layout import SourcePathLayout
from constructs_lib.core.compat.session import s3_client_of
from constructs_lib.core.compat.source_dir import (
    build_source_dir_using_pip,
    build_source_dir_using_uv,
    create_source_zip,
    installed_version,
)
from constructs_lib.core.deploy.source_zip import BuildAndUploadSourceResult, lay_out
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.publish.layout import HasUri, S3Location

if TYPE_CHECKING:
    from constructs_lib.core.compat.logger import T_PRINTER
    from constructs_lib.core.compat.session import S3Access

BuildSourceArtifactsResult = BuildAndUploadSourceResult


def build_and_upload_source_using_pip(
    s3_client: S3Access,
    dir_project_root: Path,
    s3dir_source: str | HasUri,
    skip_prompt: bool = False,
    verbose: bool = True,
    printer: T_PRINTER = print,
) -> BuildAndUploadSourceResult:
    """Build in `build/lambda/source`, zip, and put the zip to `{s3dir_source}/{version}/{sha256}/source.zip`.

    It is built with the project's pip (`.venv/bin/pip`), or that of this environment, and uploaded unless it is there.
    """
    root = Path(dir_project_root)
    pip_of_project = root / ".venv" / "bin" / "pip"
    layout = _layout(root)
    build_source_dir_using_pip(
        pip_of_project if pip_of_project.is_file() else None,
        root / "pyproject.toml",
        layout.dir_build,
        skip_prompt,
        verbose,
        printer,
    )
    return _zip_and_lay_out(s3_client, root, s3dir_source, BaseLogger(verbose, printer))


def build_and_upload_source_using_uv(
    s3_client: S3Access,
    path_bin_uv: str | Path | None,
    dir_project_root: Path,
    s3dir_source: str | HasUri,
    skip_prompt: bool = False,
    verbose: bool = True,
    printer: T_PRINTER = print,
) -> BuildAndUploadSourceResult:
    """Do the same with uv; None is the uv of this environment."""
    root = Path(dir_project_root)
    layout = _layout(root)
    build_source_dir_using_uv(
        path_bin_uv, root / "pyproject.toml", layout.dir_build, skip_prompt, verbose, printer
    )
    return _zip_and_lay_out(s3_client, root, s3dir_source, BaseLogger(verbose, printer))


def build_package_upload_source_artifacts(
    s3_client: S3Access,
    dir_project_root: Path,
    s3dir_lambda: str | HasUri,
    skip_prompt: bool = False,
    verbose: bool = True,
    printer: T_PRINTER = print,
) -> BuildAndUploadSourceResult:
    """Run `build_and_upload_source_using_pip` below `{s3dir_lambda}/source`."""
    s3dir_source = S3Location.parse(s3dir_lambda) / "source"
    return build_and_upload_source_using_pip(
        s3_client, dir_project_root, s3dir_source, skip_prompt, verbose, printer
    )


def _layout(root: Path) -> SourcePathLayout:
    return SourcePathLayout(root / "build" / "lambda" / "source")


def _zip_and_lay_out(
    s3_client: S3Access, root: Path, s3dir_source: str | HasUri, logger: BaseLogger
) -> BuildAndUploadSourceResult:
    layout = _layout(root)
    sha256 = create_source_zip(layout.dir_build, layout.path_source_zip, logger.verbose, logger.printer)
    version = installed_version(Project.at(root), layout.dir_build)
    with logger.printed_lines():
        return lay_out(s3_client_of(s3_client), version, sha256, layout.path_source_zip, s3dir_source)
