"""The function behind the custom resources: one for each stack, with a role that holds no wildcard of ours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from constructs_lib.cdk.build import scratch_folder
from constructs_lib.core.archive import Archive, tree_entries, write_archive

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PUBLISHER_ID = "ConstructsLibPublisher"
"""Part of the function's logical id. CloudFormation refuses a custom resource whose service token changes
("Modifying service token is not allowed"), so this name and the ids below never change."""

SERVICE_TIMEOUT = 900
"""Seconds that CloudFormation waits for an answer; Lambda's own retries end within it."""

# What the handler imports: the rest of the core needs libraries that Lambda does not have.
_SHIPPED = ("__init__.py", "core/__init__.py", "core/errors.py", "core/layout.py", "core/publish", "handler")


class Publisher(Construct):
    """Lays artifacts out in S3 and publishes layer versions when CloudFormation asks it to."""

    @classmethod
    def of(cls, scope: Construct) -> Publisher:
        """The stack's publisher, made when first asked for."""
        stack = cdk.Stack.of(scope)
        existing = stack.node.try_find_child(PUBLISHER_ID)
        return cast("Publisher", existing) if existing is not None else cls(stack)

    def __init__(self, stack: cdk.Stack) -> None:
        super().__init__(stack, PUBLISHER_ID)
        log_group = logs.LogGroup(
            self, "Logs", retention=logs.RetentionDays.ONE_MONTH, removal_policy=cdk.RemovalPolicy.DESTROY
        )
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=cast("iam.IPrincipal", iam.ServicePrincipal("lambda.amazonaws.com")),
            description="Lays out and publishes Lambda artifacts",
            inline_policies={
                "Logs": iam.PolicyDocument(
                    statements=[
                        iam.PolicyStatement(
                            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                            resources=[log_group.log_group_arn],
                        )
                    ]
                )
            },
        )
        with scratch_folder() as folder:
            self.function = lambda_.Function(
                self,
                "Function",
                code=_code(folder),
                handler="constructs_lib.handler.index.handler",
                runtime=lambda_.Runtime.PYTHON_3_13,
                role=cast("iam.IRole", self.role),
                log_group=cast("logs.ILogGroup", log_group),
                timeout=cdk.Duration.minutes(5),
                memory_size=512,
                max_event_age=cdk.Duration.seconds(SERVICE_TIMEOUT),
                description="Lays out and publishes Lambda artifacts for CloudFormation (constructs_lib)",
            )

    def custom_resource(
        self,
        scope: Construct,
        resource_type: str,
        *,
        properties: Mapping[str, object],
        statements: Sequence[iam.PolicyStatement],
        removal_policy: cdk.RemovalPolicy,
    ) -> cdk.CustomResource:
        """A custom resource `Resource` in `scope` that this function answers for with `statements` allowed."""
        policy = iam.Policy(
            scope, "Policy", statements=list(statements), roles=[cast("iam.IRole", self.role)]
        )
        resource = cdk.CustomResource(
            scope,
            "Resource",
            service_token=self.function.function_arn,
            resource_type=resource_type,
            properties=dict(properties),
            removal_policy=removal_policy,
        )
        # The construct would write a string here, which CDK's own template check then warns of (W9003).
        cast("cdk.CfnResource", resource.node.default_child).add_property_override(
            "ServiceTimeout", SERVICE_TIMEOUT
        )
        resource.node.add_dependency(policy)
        return resource


def _code(folder: Path) -> lambda_.Code:
    archive = handler_archive(folder / "handler.zip")
    return lambda_.Code.from_asset(str(archive.path), asset_hash=archive.sha256)


def handler_archive(path: Path) -> Archive:
    """The handler's deployment package: this library's own files, as they lie here."""
    package = Path(__file__).parent.parent
    shipped = (package / name for name in _SHIPPED)
    found = (file for each in shipped for file in (each.rglob("*.py") if each.is_dir() else [each]))
    files = sorted(file.relative_to(package.parent) for file in found)
    return write_archive(tree_entries(package.parent, files), path)
