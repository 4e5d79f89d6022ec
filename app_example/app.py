"""The CDK app: `npx cdk deploy` runs it, since cdk.json names it."""

from __future__ import annotations

import aws_cdk as cdk

from app_example.stack import GreeterStack

app = cdk.App()
GreeterStack(app, "Greeter")
app.synth()
