"""`source_api`: the names of `aws_lbd_art_builder_core.source_api`."""

from __future__ import annotations

from constructs_lib.core.compat.path_layout import SourcePathLayout
from constructs_lib.core.compat.source_dir import (
    build_source_dir_using_pip,
    build_source_dir_using_uv,
    create_source_zip,
)
from constructs_lib.core.compat.source_workflow import (
    build_and_upload_source_using_pip,
    build_and_upload_source_using_uv,
)
from constructs_lib.core.compat.uploads import upload_source_zip
from constructs_lib.core.deploy.source_zip import BuildAndUploadSourceResult
from constructs_lib.core.publish.layout import SourceS3Layout

__all__ = [
    "BuildAndUploadSourceResult",
    "SourcePathLayout",
    "SourceS3Layout",
    "build_and_upload_source_using_pip",
    "build_and_upload_source_using_uv",
    "build_source_dir_using_pip",
    "build_source_dir_using_uv",
    "create_source_zip",
    "upload_source_zip",
]
