"""The app of `python -m tools.bench.deploy`: one stack with a function and its layer, in the way that the context names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as deployment

from constructs_lib import PythonLayerArtifact, PythonSourceArtifact

if TYPE_CHECKING:
    from constructs import Construct


def main() -> None:
    """Synthesize the stack. The context names stack, way, runtime, project, and the zips for CDK's own ways."""
    app = cdk.App()
    stack = cdk.Stack(app, _context(app, "stack"))
    runtime = lambda_.Runtime(_context(app, "runtime"))
    way, project = _context(app, "way"), _context(app, "project")
    if way == "ours":
        layer: object = PythonLayerArtifact(stack, "Layer", entry=project, runtime=runtime)
        code = PythonSourceArtifact(stack, "Source", entry=project).code
    else:
        code = lambda_.Code.from_asset(_context(app, "source"))
        zipped = _context(app, "layer")
        content = lambda_.Code.from_asset(zipped) if way == "layer-version" else _copied(stack, zipped)
        layer = lambda_.LayerVersion(stack, "Layer", code=content)
    lambda_.Function(
        stack,
        "Function",
        runtime=runtime,
        handler="greeter.handler.handler",
        code=code,
        layers=[layer],  # type: ignore[list-item] # mypy does not see that jsii's classes fit their interfaces
    )
    app.synth()


def _copied(stack: cdk.Stack, zipped: str) -> lambda_.Code:
    """Copy the zip to a bucket by CDK's own custom resource, and publish from there."""
    bucket = s3.Bucket(stack, "Bucket")
    copy = deployment.BucketDeployment(
        stack,
        "Copy",
        sources=[deployment.Source.asset(zipped)],
        destination_bucket=bucket,
        extract=False,
    )
    return lambda_.Code.from_bucket(copy.deployed_bucket, cdk.Fn.select(0, copy.object_keys))


def _context(app: Construct, name: str) -> str:
    return str(app.node.get_context(name))


if __name__ == "__main__":
    main()
