"""The example's stack with a resource that cannot be created, for the rollback of `make demo`."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from app_example.stack import GreeterStack

app = cdk.App()
stack = GreeterStack(app, "Greeter")
broken = lambda_.CfnEventInvokeConfig(stack, "Broken", function_name="does-not-exist", qualifier="$LATEST")
broken.node.add_dependency(stack.function)  # so that the new layer is live before this fails
app.synth()
