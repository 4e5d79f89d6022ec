"""The function behind the custom resources: one for each stack, with a role that names its resources."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from constructs_lib.cdk.nag import acknowledge
from constructs_lib.cdk.publisher_options import PUBLISHER_ID, chosen_log_retention, chosen_runtime
from constructs_lib.cdk.reference import let_other_stacks_follow
from constructs_lib.cdk.rights import Right, Rights
from constructs_lib.cdk.runtime import cdk_runtime
from constructs_lib.cdk.synth import lasting, scratch_folder
from constructs_lib.core.archive.tree_entries import tree_entries
from constructs_lib.core.archive.writer import Archive, write_archive
from constructs_lib.core.aws_facts import NEWEST
from constructs_lib.core.target import Target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SERVICE_TIMEOUT = 900
"""Seconds that CloudFormation waits for an answer; Lambda's own retries end within it."""

# The modules that the handler imports: the rest of the core needs libraries that Lambda does not have.
_SHIPPED = (
    "__init__.py",
    "core/__init__.py",
    "core/aws_facts.py",
    "core/errors.py",
    "core/log.py",
    "core/on_demand.py",
    "core/publish",
    "handler",
)


class Publisher(Construct):
    """The function that lays artifacts out in S3 and publishes layer versions for CloudFormation."""

    @classmethod
    def of(cls, scope: Construct) -> Publisher:
        """Return the stack's publisher; the first call makes it."""
        stack = cdk.Stack.of(scope)
        existing = stack.node.try_find_child(PUBLISHER_ID)
        return cast("Publisher", existing) if existing is not None else cls(stack)

    def __init__(self, stack: cdk.Stack) -> None:
        super().__init__(stack, PUBLISHER_ID)
        self.log_group = logs.LogGroup(
            self, "Logs", retention=chosen_log_retention(stack), removal_policy=cdk.RemovalPolicy.DESTROY
        )
        self.role = self._make_role()
        self._rights = Rights(self, self.role)
        self._rights.allow(
            [Right(("logs:CreateLogStream", "logs:PutLogEvents"), (self.log_group.log_group_arn,))]
        )
        chosen = chosen_runtime(stack)
        with scratch_folder() as folder:
            self.function = lambda_.Function(
                self,
                "Function",
                code=_code(stack, folder),
                handler="constructs_lib.handler.index.handler",
                runtime=chosen or cdk_runtime(Target(NEWEST)),
                role=cast("iam.IRole", self.role),
                log_group=cast("logs.ILogGroup", self.log_group),
                timeout=cdk.Duration.minutes(5),
                memory_size=512,
                max_event_age=cdk.Duration.seconds(SERVICE_TIMEOUT),
                description="Lays out and publishes Lambda artifacts for CloudFormation (constructs_lib)",
            )
        if chosen is None:
            acknowledge(
                self.function,
                "AwsSolutions-L1",
                "The newest Python that this release of constructs_lib is tested with; "
                "configure_publisher(runtime=...) chooses another",
            )

    def _make_role(self) -> iam.Role:
        return iam.Role(
            self,
            "Role",
            assumed_by=cast("iam.IPrincipal", iam.ServicePrincipal("lambda.amazonaws.com")),
            description="Lays out and publishes Lambda artifacts",
        )

    def custom_resource(
        self,
        scope: Construct,
        resource_type: str,
        *,
        properties: Mapping[str, object],
        rights: Sequence[Right],
        removal_policy: cdk.RemovalPolicy,
    ) -> cdk.CustomResource:
        """Make a custom resource in `scope` for this function, with `rights` allowed.

        Its id is not `Resource`, which would make it the default child: CDK takes a layer's default child
        for a CfnResource when it compares functions.
        """
        policies = self._rights.allow(rights)
        resource = cdk.CustomResource(
            scope,
            "Published",
            service_token=self.function.function_arn,
            resource_type=resource_type,
            properties=dict(properties),
            removal_policy=removal_policy,
        )
        # The construct would write a string here, and CDK's own template check warns of it (W9003).
        cast("cdk.CfnResource", resource.node.default_child).add_property_override(
            "ServiceTimeout", SERVICE_TIMEOUT
        )
        resource.node.add_dependency(*policies)
        let_other_stacks_follow(resource)
        return resource


def _code(scope: Construct, folder: Path) -> lambda_.Code:
    archive = handler_archive(folder / "handler.zip")
    path = lasting(scope, archive.path, archive.sha256)
    return lambda_.Code.from_asset(str(path), asset_hash=archive.sha256)


def handler_archive(path: Path) -> Archive:
    """Write the handler's deployment package: this library's own files."""
    package = Path(__file__).parent.parent
    shipped = (package / name for name in _SHIPPED)
    modules = (file for path in shipped for file in (path.rglob("*.py") if path.is_dir() else [path]))
    files = sorted(file.relative_to(package.parent) for file in modules)
    return write_archive(tree_entries(package.parent, files), path)
