"""A function, its dependencies in a layer, and its source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from constructs_lib import PythonLayerArtifact, PythonSourceArtifact


class GreeterStack(Stack):
    """A function that greets, built from the project `greeter` after `uv lock` in its folder.

    Context `-c greeter=FOLDER`, `-c runtime=python3.12` and `-c architecture=arm64` change the defaults.
    """

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        entry = self.node.try_get_context("greeter") or Path(__file__).parent / "greeter"
        runtime = lambda_.Runtime(
            self.node.try_get_context("runtime") or "python3.14", lambda_.RuntimeFamily.PYTHON
        )
        arm64 = self.node.try_get_context("architecture") == "arm64"
        architecture = lambda_.Architecture.ARM_64 if arm64 else lambda_.Architecture.X86_64

        self.deps = PythonLayerArtifact(self, "Deps", entry=entry, runtime=runtime, architecture=architecture)
        self.code = PythonSourceArtifact(self, "Code", entry=entry)
        self.function = lambda_.Function(
            self,
            "Greeter",
            runtime=runtime,
            architecture=architecture,
            handler="greeter.main.handler",
            code=self.code.code,
            layers=[self.deps],
        )
        CfnOutput(self, "LayerArn", value=self.deps.layer_version_arn)
        CfnOutput(self, "FunctionName", value=self.function.function_name)
