"""The engine, without CDK: each step as a function over frozen values.

Names are loaded when first used: Lambda imports this package for `publish` alone and has none of the
libraries that building needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.on_demand import on_demand

if TYPE_CHECKING:
    from constructs_lib.core.builders import T_BUILDER as T_BUILDER
    from constructs_lib.core.builders import (
        BaseLambdaLayerContainerBuilder as BaseLambdaLayerContainerBuilder,
    )
    from constructs_lib.core.builders import BaseLambdaLayerLocalBuilder as BaseLambdaLayerLocalBuilder
    from constructs_lib.core.builders import (
        PipBasedLambdaLayerContainerBuilder as PipBasedLambdaLayerContainerBuilder,
    )
    from constructs_lib.core.builders import (
        PipBasedLambdaLayerLocalBuilder as PipBasedLambdaLayerLocalBuilder,
    )
    from constructs_lib.core.builders import (
        PoetryBasedLambdaLayerContainerBuilder as PoetryBasedLambdaLayerContainerBuilder,
    )
    from constructs_lib.core.builders import (
        PoetryBasedLambdaLayerLocalBuilder as PoetryBasedLambdaLayerLocalBuilder,
    )
    from constructs_lib.core.builders import (
        UvBasedLambdaLayerContainerBuilder as UvBasedLambdaLayerContainerBuilder,
    )
    from constructs_lib.core.builders import UvBasedLambdaLayerLocalBuilder as UvBasedLambdaLayerLocalBuilder
    from constructs_lib.core.builders import (
        build_layer_artifacts_using_pip_in_container as build_layer_artifacts_using_pip_in_container,
    )
    from constructs_lib.core.builders import (
        build_layer_artifacts_using_pip_in_local as build_layer_artifacts_using_pip_in_local,
    )
    from constructs_lib.core.builders import (
        build_layer_artifacts_using_poetry_in_container as build_layer_artifacts_using_poetry_in_container,
    )
    from constructs_lib.core.builders import (
        build_layer_artifacts_using_poetry_in_local as build_layer_artifacts_using_poetry_in_local,
    )
    from constructs_lib.core.builders import (
        build_layer_artifacts_using_uv_in_container as build_layer_artifacts_using_uv_in_container,
    )
    from constructs_lib.core.builders import (
        build_layer_artifacts_using_uv_in_local as build_layer_artifacts_using_uv_in_local,
    )
    from constructs_lib.core.constants import LayerBuildToolEnum as LayerBuildToolEnum
    from constructs_lib.core.constants import S3MetadataKeyEnum as S3MetadataKeyEnum
    from constructs_lib.core.constants import default_ignore_package_list as default_ignore_package_list
    from constructs_lib.core.credentials import Credentials as Credentials
    from constructs_lib.core.errors import ArtifactError as ArtifactError
    from constructs_lib.core.helpers import DateTimeTimer as DateTimeTimer
    from constructs_lib.core.helpers import hashes as hashes
    from constructs_lib.core.helpers import temp_cwd as temp_cwd
    from constructs_lib.core.helpers import write_bytes as write_bytes
    from constructs_lib.core.layout import ZFILL as ZFILL
    from constructs_lib.core.layout import LayerS3Layout as LayerS3Layout
    from constructs_lib.core.layout import S3Location as S3Location
    from constructs_lib.core.layout import SourceS3Layout as SourceS3Layout
    from constructs_lib.core.lock import LockOptions as LockOptions
    from constructs_lib.core.logger import T_PRINTER as T_PRINTER
    from constructs_lib.core.logger import BaseLogger as BaseLogger
    from constructs_lib.core.manifest import LayerManifestManager as LayerManifestManager
    from constructs_lib.core.package import LayerArtifact as LayerArtifact
    from constructs_lib.core.package import build_layer as build_layer
    from constructs_lib.core.path_layout import LayerPathLayout as LayerPathLayout
    from constructs_lib.core.path_layout import SourcePathLayout as SourcePathLayout
    from constructs_lib.core.progress import Progress as Progress
    from constructs_lib.core.publish import LayerDeployment as LayerDeployment
    from constructs_lib.core.report import LayerReport as LayerReport
    from constructs_lib.core.report import render_html as render_html
    from constructs_lib.core.report import render_text as render_text
    from constructs_lib.core.report import report_archive as report_archive
    from constructs_lib.core.report import report_layer as report_layer
    from constructs_lib.core.runtime import RUNTIMES as RUNTIMES
    from constructs_lib.core.runtime import Target as Target
    from constructs_lib.core.source import SourceArtifact as SourceArtifact
    from constructs_lib.core.source import build_source as build_source
    from constructs_lib.core.sources import is_match as is_match
    from constructs_lib.core.tree import LambdaLayerZipper as LambdaLayerZipper
    from constructs_lib.core.tree import create_layer_zip_file as create_layer_zip_file
    from constructs_lib.core.tree import move_to_dir_python as move_to_dir_python
    from constructs_lib.core.upload import upload_layer_zip_to_s3 as upload_layer_zip_to_s3
    from constructs_lib.core.upload import upload_source_zip as upload_source_zip
    from constructs_lib.core.wheels import Container as Container
    from constructs_lib.core.wheels import WheelStore as WheelStore
    from constructs_lib.core.workflow import BuildAndUploadSourceResult as BuildAndUploadSourceResult
    from constructs_lib.core.workflow import LambdaLayerVersionPublisher as LambdaLayerVersionPublisher
    from constructs_lib.core.workflow import LayerDeploymentWorkflow as LayerDeploymentWorkflow
    from constructs_lib.core.workflow import Plan as Plan
    from constructs_lib.core.workflow import (
        build_and_upload_source_using_pip as build_and_upload_source_using_pip,
    )
    from constructs_lib.core.workflow import (
        build_and_upload_source_using_uv as build_and_upload_source_using_uv,
    )
    from constructs_lib.core.workflow import (
        build_package_upload_source_artifacts as build_package_upload_source_artifacts,
    )
    from constructs_lib.core.workflow import build_source_dir_using_pip as build_source_dir_using_pip
    from constructs_lib.core.workflow import build_source_dir_using_uv as build_source_dir_using_uv
    from constructs_lib.core.workflow import (
        copy_source_for_lambda_deployment as copy_source_for_lambda_deployment,
    )
    from constructs_lib.core.workflow import create_source_zip as create_source_zip
    from constructs_lib.core.workflow import deploy_layer as deploy_layer
    from constructs_lib.core.workflow import deploy_source as deploy_source
    from constructs_lib.core.workflow import plan_layer as plan_layer

_HOME = {
    "ArtifactError": "errors",
    "BaseLambdaLayerContainerBuilder": "builders",
    "BaseLambdaLayerLocalBuilder": "builders",
    "BaseLogger": "logger",
    "BuildAndUploadSourceResult": "workflow",
    "Container": "wheels",
    "Credentials": "credentials",
    "DateTimeTimer": "helpers",
    "LambdaLayerVersionPublisher": "workflow",
    "LambdaLayerZipper": "tree",
    "LayerArtifact": "package",
    "LayerBuildToolEnum": "constants",
    "LayerDeployment": "publish",
    "LayerDeploymentWorkflow": "workflow",
    "LayerManifestManager": "manifest",
    "LayerPathLayout": "path_layout",
    "LayerReport": "report",
    "LayerS3Layout": "layout",
    "LockOptions": "lock",
    "PipBasedLambdaLayerContainerBuilder": "builders",
    "PipBasedLambdaLayerLocalBuilder": "builders",
    "Plan": "workflow",
    "PoetryBasedLambdaLayerContainerBuilder": "builders",
    "PoetryBasedLambdaLayerLocalBuilder": "builders",
    "Progress": "progress",
    "RUNTIMES": "runtime",
    "S3Location": "layout",
    "S3MetadataKeyEnum": "constants",
    "SourceArtifact": "source",
    "SourcePathLayout": "path_layout",
    "SourceS3Layout": "layout",
    "T_BUILDER": "builders",
    "T_PRINTER": "logger",
    "Target": "runtime",
    "UvBasedLambdaLayerContainerBuilder": "builders",
    "UvBasedLambdaLayerLocalBuilder": "builders",
    "WheelStore": "wheels",
    "ZFILL": "layout",
    "build_and_upload_source_using_pip": "workflow",
    "build_and_upload_source_using_uv": "workflow",
    "build_layer": "package",
    "build_layer_artifacts_using_pip_in_container": "builders",
    "build_layer_artifacts_using_pip_in_local": "builders",
    "build_layer_artifacts_using_poetry_in_container": "builders",
    "build_layer_artifacts_using_poetry_in_local": "builders",
    "build_layer_artifacts_using_uv_in_container": "builders",
    "build_layer_artifacts_using_uv_in_local": "builders",
    "build_package_upload_source_artifacts": "workflow",
    "build_source": "source",
    "build_source_dir_using_pip": "workflow",
    "build_source_dir_using_uv": "workflow",
    "copy_source_for_lambda_deployment": "workflow",
    "create_layer_zip_file": "tree",
    "create_source_zip": "workflow",
    "default_ignore_package_list": "constants",
    "deploy_layer": "workflow",
    "deploy_source": "workflow",
    "hashes": "helpers",
    "is_match": "sources",
    "move_to_dir_python": "tree",
    "render_html": "report",
    "render_text": "report",
    "report_archive": "report",
    "report_layer": "report",
    "plan_layer": "workflow",
    "temp_cwd": "helpers",
    "upload_layer_zip_to_s3": "upload",
    "upload_source_zip": "upload",
    "write_bytes": "helpers",
}

__all__ = sorted(_HOME)  # noqa: PLE0605 - one list of names, not two
__getattr__ = on_demand(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted(_HOME)
