"""Names of earlier tools (`aws_lambda_artifact_builder`, `aws_lbd_art_builder_*`), over the library's own parts.

Nothing else in `core` imports this package; `constructs_lib.core` hands its names out. The page "Names of earlier
tools" says what differs.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from constructs_lib.core.on_demand import on_demand

if TYPE_CHECKING:
    from constructs_lib.core.compat import layer_api as layer_api
    from constructs_lib.core.compat import source_api as source_api
    from constructs_lib.core.compat.build_tool import LayerBuildToolEnum as LayerBuildToolEnum
    from constructs_lib.core.compat.builders.base import T_BUILDER as T_BUILDER
    from constructs_lib.core.compat.builders.base import (
        BasedLambdaLayerContainerBuilder as BasedLambdaLayerContainerBuilder,
    )
    from constructs_lib.core.compat.builders.base import (
        BasedLambdaLayerLocalBuilder as BasedLambdaLayerLocalBuilder,
    )
    from constructs_lib.core.compat.builders.base import (
        BaseLambdaLayerContainerBuilder as BaseLambdaLayerContainerBuilder,
    )
    from constructs_lib.core.compat.builders.base import (
        BaseLambdaLayerLocalBuilder as BaseLambdaLayerLocalBuilder,
    )
    from constructs_lib.core.compat.builders.by_tool import (
        PipBasedLambdaLayerContainerBuilder as PipBasedLambdaLayerContainerBuilder,
    )
    from constructs_lib.core.compat.builders.by_tool import (
        PipBasedLambdaLayerLocalBuilder as PipBasedLambdaLayerLocalBuilder,
    )
    from constructs_lib.core.compat.builders.by_tool import (
        PoetryBasedLambdaLayerContainerBuilder as PoetryBasedLambdaLayerContainerBuilder,
    )
    from constructs_lib.core.compat.builders.by_tool import (
        PoetryBasedLambdaLayerLocalBuilder as PoetryBasedLambdaLayerLocalBuilder,
    )
    from constructs_lib.core.compat.builders.by_tool import (
        UVBasedLambdaLayerContainerBuilder as UVBasedLambdaLayerContainerBuilder,
    )
    from constructs_lib.core.compat.builders.by_tool import (
        UvBasedLambdaLayerContainerBuilder as UvBasedLambdaLayerContainerBuilder,
    )
    from constructs_lib.core.compat.builders.by_tool import (
        UVBasedLambdaLayerLocalBuilder as UVBasedLambdaLayerLocalBuilder,
    )
    from constructs_lib.core.compat.builders.by_tool import (
        UvBasedLambdaLayerLocalBuilder as UvBasedLambdaLayerLocalBuilder,
    )
    from constructs_lib.core.compat.builders.by_tool import (
        UvLambdaLayerContainerBuilder as UvLambdaLayerContainerBuilder,
    )
    from constructs_lib.core.compat.builders.by_tool import (
        UvLambdaLayerLocalBuilder as UvLambdaLayerLocalBuilder,
    )
    from constructs_lib.core.compat.builders.functions import (
        build_layer_artifacts_using_pip_in_container as build_layer_artifacts_using_pip_in_container,
    )
    from constructs_lib.core.compat.builders.functions import (
        build_layer_artifacts_using_pip_in_local as build_layer_artifacts_using_pip_in_local,
    )
    from constructs_lib.core.compat.builders.functions import (
        build_layer_artifacts_using_poetry_in_container as build_layer_artifacts_using_poetry_in_container,
    )
    from constructs_lib.core.compat.builders.functions import (
        build_layer_artifacts_using_poetry_in_local as build_layer_artifacts_using_poetry_in_local,
    )
    from constructs_lib.core.compat.builders.functions import (
        build_layer_artifacts_using_uv_in_container as build_layer_artifacts_using_uv_in_container,
    )
    from constructs_lib.core.compat.builders.functions import (
        build_layer_artifacts_using_uv_in_local as build_layer_artifacts_using_uv_in_local,
    )
    from constructs_lib.core.compat.container_workflow import (
        LambdaLayerBuildPackageUploadAndPublishWorkflow as LambdaLayerBuildPackageUploadAndPublishWorkflow,
    )
    from constructs_lib.core.compat.folders import clean_build_directory as clean_build_directory
    from constructs_lib.core.compat.folders import (
        prompt_to_confirm_before_remove_dir as prompt_to_confirm_before_remove_dir,
    )
    from constructs_lib.core.compat.hashing import hashes as hashes
    from constructs_lib.core.compat.helpers import DateTimeTimer as DateTimeTimer
    from constructs_lib.core.compat.helpers import ensure_exact_one_true as ensure_exact_one_true
    from constructs_lib.core.compat.helpers import normalize_glob_patterns as normalize_glob_patterns
    from constructs_lib.core.compat.helpers import temp_cwd as temp_cwd
    from constructs_lib.core.compat.helpers import write_bytes as write_bytes
    from constructs_lib.core.compat.logger import T_PRINTER as T_PRINTER
    from constructs_lib.core.compat.logger import BaseLogger as BaseLogger
    from constructs_lib.core.compat.manifest import LayerManifestManager as LayerManifestManager
    from constructs_lib.core.compat.path_layout import LayerPathLayout as LayerPathLayout
    from constructs_lib.core.compat.path_layout import SourcePathLayout as SourcePathLayout
    from constructs_lib.core.compat.source_dir import (
        build_source_artifacts_using_pip as build_source_artifacts_using_pip,
    )
    from constructs_lib.core.compat.source_dir import build_source_dir_using_pip as build_source_dir_using_pip
    from constructs_lib.core.compat.source_dir import build_source_dir_using_uv as build_source_dir_using_uv
    from constructs_lib.core.compat.source_dir import (
        copy_source_for_lambda_deployment as copy_source_for_lambda_deployment,
    )
    from constructs_lib.core.compat.source_dir import create_source_zip as create_source_zip
    from constructs_lib.core.compat.source_workflow import (
        BuildSourceArtifactsResult as BuildSourceArtifactsResult,
    )
    from constructs_lib.core.compat.source_workflow import (
        build_and_upload_source_using_pip as build_and_upload_source_using_pip,
    )
    from constructs_lib.core.compat.source_workflow import (
        build_and_upload_source_using_uv as build_and_upload_source_using_uv,
    )
    from constructs_lib.core.compat.source_workflow import (
        build_package_upload_source_artifacts as build_package_upload_source_artifacts,
    )
    from constructs_lib.core.compat.tree.zipper import LambdaLayerZipper as LambdaLayerZipper
    from constructs_lib.core.compat.tree.zipper import create_layer_zip_file as create_layer_zip_file
    from constructs_lib.core.compat.tree.zipper import move_to_dir_python as move_to_dir_python
    from constructs_lib.core.compat.uploads import upload_layer_zip_to_s3 as upload_layer_zip_to_s3
    from constructs_lib.core.compat.uploads import upload_source_artifacts as upload_source_artifacts
    from constructs_lib.core.compat.uploads import upload_source_zip as upload_source_zip
    from constructs_lib.core.compat.uv_options import STRUCTURAL_ARGS as STRUCTURAL_ARGS
    from constructs_lib.core.compat.uv_options import STRUCTURAL_REASONS as STRUCTURAL_REASONS
    from constructs_lib.core.compat.uv_options import UvSyncOptions as UvSyncOptions
    from constructs_lib.core.compat.validation import validate_artifacts as validate_artifacts
    from constructs_lib.core.compat.version_publisher import (
        LambdaLayerVersionPublisher as LambdaLayerVersionPublisher,
    )
    from constructs_lib.core.compat.workflow import LayerDeploymentWorkflow as LayerDeploymentWorkflow
    from constructs_lib.core.deploy.source_zip import BuildAndUploadSourceResult as BuildAndUploadSourceResult
    from constructs_lib.core.project.source_files import is_match as is_match
    from constructs_lib.core.publish.layout import ZFILL as ZFILL
    from constructs_lib.core.publish.layout import LayerS3Layout as LayerS3Layout
    from constructs_lib.core.publish.layout import S3MetadataKeyEnum as S3MetadataKeyEnum
    from constructs_lib.core.publish.layout import SourceS3Layout as SourceS3Layout
    from constructs_lib.core.target import default_ignore_package_list as default_ignore_package_list

_HOME = {
    "BaseLambdaLayerContainerBuilder": "compat.builders.base",
    "BaseLambdaLayerLocalBuilder": "compat.builders.base",
    "BaseLogger": "compat.logger",
    "BasedLambdaLayerContainerBuilder": "compat.builders.base",
    "BasedLambdaLayerLocalBuilder": "compat.builders.base",
    "BuildAndUploadSourceResult": "deploy.source_zip",
    "BuildSourceArtifactsResult": "compat.source_workflow",
    "DateTimeTimer": "compat.helpers",
    "LambdaLayerBuildPackageUploadAndPublishWorkflow": "compat.container_workflow",
    "LambdaLayerVersionPublisher": "compat.version_publisher",
    "LambdaLayerZipper": "compat.tree.zipper",
    "LayerBuildToolEnum": "compat.build_tool",
    "LayerDeploymentWorkflow": "compat.workflow",
    "LayerManifestManager": "compat.manifest",
    "LayerPathLayout": "compat.path_layout",
    "LayerS3Layout": "publish.layout",
    "PipBasedLambdaLayerContainerBuilder": "compat.builders.by_tool",
    "PipBasedLambdaLayerLocalBuilder": "compat.builders.by_tool",
    "PoetryBasedLambdaLayerContainerBuilder": "compat.builders.by_tool",
    "PoetryBasedLambdaLayerLocalBuilder": "compat.builders.by_tool",
    "S3MetadataKeyEnum": "publish.layout",
    "STRUCTURAL_ARGS": "compat.uv_options",
    "STRUCTURAL_REASONS": "compat.uv_options",
    "SourcePathLayout": "compat.path_layout",
    "SourceS3Layout": "publish.layout",
    "T_BUILDER": "compat.builders.base",
    "T_PRINTER": "compat.logger",
    "UVBasedLambdaLayerContainerBuilder": "compat.builders.by_tool",
    "UVBasedLambdaLayerLocalBuilder": "compat.builders.by_tool",
    "UvBasedLambdaLayerContainerBuilder": "compat.builders.by_tool",
    "UvBasedLambdaLayerLocalBuilder": "compat.builders.by_tool",
    "UvLambdaLayerContainerBuilder": "compat.builders.by_tool",
    "UvLambdaLayerLocalBuilder": "compat.builders.by_tool",
    "UvSyncOptions": "compat.uv_options",
    "ZFILL": "publish.layout",
    "build_and_upload_source_using_pip": "compat.source_workflow",
    "build_and_upload_source_using_uv": "compat.source_workflow",
    "build_layer_artifacts_using_pip_in_container": "compat.builders.functions",
    "build_layer_artifacts_using_pip_in_local": "compat.builders.functions",
    "build_layer_artifacts_using_poetry_in_container": "compat.builders.functions",
    "build_layer_artifacts_using_poetry_in_local": "compat.builders.functions",
    "build_layer_artifacts_using_uv_in_container": "compat.builders.functions",
    "build_layer_artifacts_using_uv_in_local": "compat.builders.functions",
    "build_package_upload_source_artifacts": "compat.source_workflow",
    "build_source_artifacts_using_pip": "compat.source_dir",
    "build_source_dir_using_pip": "compat.source_dir",
    "build_source_dir_using_uv": "compat.source_dir",
    "clean_build_directory": "compat.folders",
    "copy_source_for_lambda_deployment": "compat.source_dir",
    "create_layer_zip_file": "compat.tree.zipper",
    "create_source_zip": "compat.source_dir",
    "default_ignore_package_list": "target",
    "ensure_exact_one_true": "compat.helpers",
    "hashes": "compat.hashing",
    "is_match": "project.source_files",
    "move_to_dir_python": "compat.tree.zipper",
    "normalize_glob_patterns": "compat.helpers",
    "prompt_to_confirm_before_remove_dir": "compat.folders",
    "temp_cwd": "compat.helpers",
    "upload_layer_zip_to_s3": "compat.uploads",
    "upload_source_artifacts": "compat.uploads",
    "upload_source_zip": "compat.uploads",
    "validate_artifacts": "compat.validation",
    "write_bytes": "compat.helpers",
}
_MODULES = ("layer_api", "source_api")
"""Modules that an earlier package offers as names of its own."""

__all__ = [
    "STRUCTURAL_ARGS",
    "STRUCTURAL_REASONS",
    "T_BUILDER",
    "T_PRINTER",
    "ZFILL",
    "BaseLambdaLayerContainerBuilder",
    "BaseLambdaLayerLocalBuilder",
    "BaseLogger",
    "BasedLambdaLayerContainerBuilder",
    "BasedLambdaLayerLocalBuilder",
    "BuildAndUploadSourceResult",
    "BuildSourceArtifactsResult",
    "DateTimeTimer",
    "LambdaLayerBuildPackageUploadAndPublishWorkflow",
    "LambdaLayerVersionPublisher",
    "LambdaLayerZipper",
    "LayerBuildToolEnum",
    "LayerDeploymentWorkflow",
    "LayerManifestManager",
    "LayerPathLayout",
    "LayerS3Layout",
    "PipBasedLambdaLayerContainerBuilder",
    "PipBasedLambdaLayerLocalBuilder",
    "PoetryBasedLambdaLayerContainerBuilder",
    "PoetryBasedLambdaLayerLocalBuilder",
    "S3MetadataKeyEnum",
    "SourcePathLayout",
    "SourceS3Layout",
    "UVBasedLambdaLayerContainerBuilder",
    "UVBasedLambdaLayerLocalBuilder",
    "UvBasedLambdaLayerContainerBuilder",
    "UvBasedLambdaLayerLocalBuilder",
    "UvLambdaLayerContainerBuilder",
    "UvLambdaLayerLocalBuilder",
    "UvSyncOptions",
    "build_and_upload_source_using_pip",
    "build_and_upload_source_using_uv",
    "build_layer_artifacts_using_pip_in_container",
    "build_layer_artifacts_using_pip_in_local",
    "build_layer_artifacts_using_poetry_in_container",
    "build_layer_artifacts_using_poetry_in_local",
    "build_layer_artifacts_using_uv_in_container",
    "build_layer_artifacts_using_uv_in_local",
    "build_package_upload_source_artifacts",
    "build_source_artifacts_using_pip",
    "build_source_dir_using_pip",
    "build_source_dir_using_uv",
    "clean_build_directory",
    "copy_source_for_lambda_deployment",
    "create_layer_zip_file",
    "create_source_zip",
    "default_ignore_package_list",
    "ensure_exact_one_true",
    "hashes",
    "is_match",
    "layer_api",
    "move_to_dir_python",
    "normalize_glob_patterns",
    "prompt_to_confirm_before_remove_dir",
    "source_api",
    "temp_cwd",
    "upload_layer_zip_to_s3",
    "upload_source_artifacts",
    "upload_source_zip",
    "validate_artifacts",
    "write_bytes",
]
_load = on_demand("constructs_lib.core", _HOME)


def __getattr__(name: str) -> object:
    return importlib.import_module(f"{__name__}.{name}") if name in _MODULES else _load(name)


def __dir__() -> list[str]:
    return __all__
