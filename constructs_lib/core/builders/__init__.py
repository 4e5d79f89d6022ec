"""Step 1 of the tree route: a tool's own install into a folder, on this machine or in the build image."""

from constructs_lib.core.builders.base import (
    T_BUILDER,
    BaseLambdaLayerContainerBuilder,
    BaseLambdaLayerLocalBuilder,
)
from constructs_lib.core.builders.classes import (
    PipBasedLambdaLayerContainerBuilder,
    PipBasedLambdaLayerLocalBuilder,
    PoetryBasedLambdaLayerContainerBuilder,
    PoetryBasedLambdaLayerLocalBuilder,
    UvBasedLambdaLayerContainerBuilder,
    UvBasedLambdaLayerLocalBuilder,
)
from constructs_lib.core.builders.functions import (
    build_layer_artifacts_using_pip_in_container,
    build_layer_artifacts_using_pip_in_local,
    build_layer_artifacts_using_poetry_in_container,
    build_layer_artifacts_using_poetry_in_local,
    build_layer_artifacts_using_uv_in_container,
    build_layer_artifacts_using_uv_in_local,
)

__all__ = [
    "T_BUILDER",
    "BaseLambdaLayerContainerBuilder",
    "BaseLambdaLayerLocalBuilder",
    "PipBasedLambdaLayerContainerBuilder",
    "PipBasedLambdaLayerLocalBuilder",
    "PoetryBasedLambdaLayerContainerBuilder",
    "PoetryBasedLambdaLayerLocalBuilder",
    "UvBasedLambdaLayerContainerBuilder",
    "UvBasedLambdaLayerLocalBuilder",
    "build_layer_artifacts_using_pip_in_container",
    "build_layer_artifacts_using_pip_in_local",
    "build_layer_artifacts_using_poetry_in_container",
    "build_layer_artifacts_using_poetry_in_local",
    "build_layer_artifacts_using_uv_in_container",
    "build_layer_artifacts_using_uv_in_local",
]
