"""The constructs as a CDK app uses them. Type checkers read this; nothing runs it."""

from __future__ import annotations

from aws_cdk import App, Stack
from aws_cdk import aws_lambda as lambda_
from typing_extensions import assert_type

from constructs_lib import PythonLayerArtifact, PythonSourceArtifact, configure_publisher

runtime = lambda_.Runtime.PYTHON_3_13
app = App()
configure_publisher(app, runtime=runtime)
stack = Stack(app, "Shop")
deps = PythonLayerArtifact(stack, "Deps", entry="shop", runtime=runtime)
assert_type(deps.layer_version_arn, str)
assert_type(deps.compatible_runtimes, list[lambda_.Runtime])
source = PythonSourceArtifact(stack, "Code", entry="shop")
assert_type(source.code, lambda_.Code)
assert_type(source.s3_uri, str)

# A layer artifact is a layer version, wherever CDK takes one.
function = lambda_.Function(
    stack, "F", runtime=runtime, handler="shop.handler", code=source.code, layers=[deps]
)

PythonLayerArtifact(stack, "Deps", "shop")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
PythonLayerArtifact(stack, "Deps")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
PythonLayerArtifact(stack, "Deps", entry="shop", runtime="python3.13")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
PythonLayerArtifact(stack, "Deps", entry="shop", compression="best")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
