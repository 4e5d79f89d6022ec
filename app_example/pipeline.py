"""A pipeline that deploys the example to two accounts: `npx cdk deploy --app "python -m app_example.pipeline"`.

Change the constants first; the repository needs `app_example/greeter/uv.lock`, made by `uv lock` and committed.
"""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import pipelines
from constructs import Construct

from app_example.stack import GreeterStack

REGION = "eu-central-1"
TOOLS, STAGING, PRODUCTION = "333333333333", "111111111111", "222222222222"
REPOSITORY = "OWNER/NAME"
CONNECTION = f"arn:aws:codeconnections:{REGION}:{TOOLS}:connection/00000000-0000-0000-0000-000000000000"


class GreeterStage(cdk.Stage):
    """The stacks of one account."""

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        GreeterStack(self, "Greeter")


class PipelineStack(cdk.Stack):
    """A pipeline that synthesizes on every push, then deploys to staging and, after an approval, to production.

    The layer is built while CodeBuild synthesizes, from the committed lock, without Docker and without rights
    in either account. Both accounts get the same bytes.
    """

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        runtimes = {"python": "3.13", "nodejs": "22"}
        pipeline = pipelines.CodePipeline(
            self,
            "Pipeline",
            synth=pipelines.ShellStep(
                "Synth",
                input=pipelines.CodePipelineSource.connection(REPOSITORY, "main", connection_arn=CONNECTION),
                install_commands=["npm install --global aws-cdk@2", "pip install '.[cdk]'"],
                commands=["cdk synth --app 'python -m app_example.pipeline'"],
            ),
            synth_code_build_defaults=pipelines.CodeBuildOptions(
                partial_build_spec=codebuild.BuildSpec.from_object(
                    {"phases": {"install": {"runtime-versions": runtimes}}}
                )
            ),
            cross_account_keys=True,  # the stages are in other accounts than the pipeline
        )
        pipeline.add_stage(GreeterStage(self, "Staging", env=_environment(STAGING)))
        pipeline.add_stage(
            GreeterStage(self, "Production", env=_environment(PRODUCTION)),
            pre=[pipelines.ManualApprovalStep("Approve")],
        )


def _environment(account: str) -> cdk.Environment:
    return cdk.Environment(account=account, region=REGION)


if __name__ == "__main__":
    app = cdk.App()
    PipelineStack(app, "GreeterPipeline", env=_environment(TOOLS))
    app.synth()
