"""The steps in a row, without CDK."""

from constructs_lib.core.workflow.deploy import deploy_layer, deploy_source, plan_layer
from constructs_lib.core.workflow.layer import LayerDeploymentWorkflow
from constructs_lib.core.workflow.plan import Plan
from constructs_lib.core.workflow.publisher import LambdaLayerVersionPublisher
from constructs_lib.core.workflow.source import (
    BuildAndUploadSourceResult,
    build_and_upload_source_using_pip,
    build_and_upload_source_using_uv,
    build_package_upload_source_artifacts,
)
from constructs_lib.core.workflow.source_dir import (
    build_source_dir_using_pip,
    build_source_dir_using_uv,
    copy_source_for_lambda_deployment,
    create_source_zip,
)

__all__ = [
    "BuildAndUploadSourceResult",
    "LambdaLayerVersionPublisher",
    "LayerDeploymentWorkflow",
    "Plan",
    "build_and_upload_source_using_pip",
    "build_and_upload_source_using_uv",
    "build_package_upload_source_artifacts",
    "build_source_dir_using_pip",
    "build_source_dir_using_uv",
    "copy_source_for_lambda_deployment",
    "create_source_zip",
    "deploy_layer",
    "deploy_source",
    "plan_layer",
]
