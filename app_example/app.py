"""The CDK app: `npx cdk deploy` runs it, as cdk.json says."""

from __future__ import annotations

import aws_cdk as cdk

from app_example.stack import GreeterStack

app = cdk.App()
GreeterStack(app, "Greeter")
app.synth()
