"""The one-call workflow of `aws_lambda_artifact_builder`: a build in a container, then the other three steps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from constructs_lib.core.compat.build_tool import LayerBuildToolEnum
from constructs_lib.core.compat.builders.by_tool import CONTAINER_BUILDERS
from constructs_lib.core.compat.logger import KeywordLogger
from constructs_lib.core.compat.required import REQUIRED, refuse_missing
from constructs_lib.core.compat.workflow import LayerDeploymentWorkflow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mypy_boto3_lambda import LambdaClient

    from constructs_lib.core.archive.writer import Archive
    from constructs_lib.core.compat.session import S3Access
    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.publish.layers.layer_deployment import LayerDeployment
    from constructs_lib.core.publish.layout import HasUri, S3Location


@dataclass(frozen=True)
class LambdaLayerBuildPackageUploadAndPublishWorkflow(KeywordLogger):
    """A build in the SAM build image of one Python and CPU, the zip, its upload and the version."""

    layer_name: str
    py_ver_major: int
    py_ver_minor: int
    credentials: Credentials | None = None
    is_arm: bool = False
    path_pyproject_toml: Path = REQUIRED
    s3dir_lambda: str | HasUri = REQUIRED
    s3_client: S3Access = REQUIRED
    lambda_client: LambdaClient = REQUIRED
    layer_build_tool: LayerBuildToolEnum | str = REQUIRED
    ignore_package_list: Sequence[str] | None = None
    publish_layer_version_kwargs: Mapping[str, Any] | None = None
    skip_prompt: bool = False

    def __post_init__(self) -> None:
        refuse_missing(self)

    @cached_property
    def workflow(self) -> LayerDeploymentWorkflow:
        """The same as a workflow over a container builder."""
        tool = LayerBuildToolEnum(self.layer_build_tool)
        builder = CONTAINER_BUILDERS[tool](
            self.path_pyproject_toml,
            self.py_ver_major,
            self.py_ver_minor,
            self.is_arm,
            credentials=self.credentials,
            skip_prompt=self.skip_prompt,
            verbose=self.verbose,
            printer=self.printer,
        )
        return LayerDeploymentWorkflow(
            builder,
            builder.path_layout.get_path_manifest(tool),
            self.s3dir_lambda,
            self.layer_name,
            self.s3_client,
            self.lambda_client,
            self.ignore_package_list,
            self.publish_layer_version_kwargs,
            verbose=self.verbose,
            printer=self.printer,
        )

    def run(self) -> LayerDeployment:
        """Take all four steps; `is_new` of the result is True if a version was published."""
        return self.workflow.run()

    def step_1_build(self) -> None:
        """Build in the container."""
        self.workflow.step_1_build()

    def step_2_package(self) -> Archive:
        """Write `layer.zip`."""
        return self.workflow.step_2_package()

    def step_3_upload(self) -> S3Location:
        """Put `layer.zip` to its place and return that place."""
        return self.workflow.step_3_upload()

    def step_4_publish(self) -> LayerDeployment:
        """Publish the uploaded zip, unless a live version is the same."""
        return self.workflow.step_4_publish()
