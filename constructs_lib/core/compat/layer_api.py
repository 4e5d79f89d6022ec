"""`layer_api`: the names of `aws_lbd_art_builder_core.layer_api` and `aws_lbd_art_builder_uv.layer_api`."""

from __future__ import annotations

from constructs_lib.core.compat.builders.base import (
    T_BUILDER,
    BaseLambdaLayerContainerBuilder,
    BaseLambdaLayerLocalBuilder,
)
from constructs_lib.core.compat.builders.by_tool import (
    UvLambdaLayerContainerBuilder,
    UvLambdaLayerLocalBuilder,
)
from constructs_lib.core.compat.logger import BaseLogger
from constructs_lib.core.compat.manifest import LayerManifestManager
from constructs_lib.core.compat.path_layout import LayerPathLayout
from constructs_lib.core.compat.tree.zipper import create_layer_zip_file, move_to_dir_python
from constructs_lib.core.compat.uploads import upload_layer_zip_to_s3
from constructs_lib.core.compat.uv_options import STRUCTURAL_ARGS, STRUCTURAL_REASONS, UvSyncOptions
from constructs_lib.core.compat.validation import validate_artifacts
from constructs_lib.core.compat.version_publisher import LambdaLayerVersionPublisher
from constructs_lib.core.compat.workflow import LayerDeploymentWorkflow
from constructs_lib.core.index.credentials import Credentials
from constructs_lib.core.publish.layers.layer_deployment import LayerDeployment
from constructs_lib.core.publish.layout import LayerS3Layout
from constructs_lib.core.target import default_ignore_package_list

__all__ = [
    "STRUCTURAL_ARGS",
    "STRUCTURAL_REASONS",
    "T_BUILDER",
    "BaseLambdaLayerContainerBuilder",
    "BaseLambdaLayerLocalBuilder",
    "BaseLogger",
    "Credentials",
    "LambdaLayerVersionPublisher",
    "LayerDeployment",
    "LayerDeploymentWorkflow",
    "LayerManifestManager",
    "LayerPathLayout",
    "LayerS3Layout",
    "UvLambdaLayerContainerBuilder",
    "UvLambdaLayerLocalBuilder",
    "UvSyncOptions",
    "create_layer_zip_file",
    "default_ignore_package_list",
    "move_to_dir_python",
    "upload_layer_zip_to_s3",
    "validate_artifacts",
]
