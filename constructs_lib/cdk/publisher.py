"""The function behind the custom resources: one for each stack, with a role that names its resources."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from constructs_lib.cdk.aspects import after_aspects
from constructs_lib.cdk.bucket_changes import follow_bucket
from constructs_lib.cdk.nag import acknowledge
from constructs_lib.cdk.publisher_options import (
    FITTING,
    PUBLISHER_ID,
    chosen_log_retention,
    chosen_runtime,
)
from constructs_lib.cdk.reference import let_other_stacks_follow
from constructs_lib.cdk.removal_changes import follow_removal
from constructs_lib.cdk.rights import Right, Rights
from constructs_lib.cdk.runtime import cdk_runtime
from constructs_lib.cdk.synth import lasting, scratch_folder
from constructs_lib.core.archive.tree_entries import tree_entries
from constructs_lib.core.archive.writer import Archive, write_archive
from constructs_lib.core.aws_facts import RUNTIMES
from constructs_lib.core.target import Target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_s3 as s3

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
        self.artifacts: list[cdk.CustomResource] = []
        self._followed: set[str] = set()
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
                runtime=chosen or cdk_runtime(Target(list(RUNTIMES)[-1], "x86_64")),
                role=cast("iam.IRole", self.role),
                log_group=cast("logs.ILogGroup", self.log_group),
                timeout=cdk.Duration.minutes(5),
                memory_size=512,
                max_event_age=cdk.Duration.seconds(SERVICE_TIMEOUT),
                description="Lays out and publishes Lambda artifacts for CloudFormation (constructs_lib)",
            )
        after_aspects(cast("cdk.CfnResource", self.function.node.default_child), self._check_function)
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
        construct_id: str = "Published",
    ) -> cdk.CustomResource:
        """Make a custom resource in `scope` for this function, with `rights` allowed.

        Its id is not `Resource`, which would make it the default child: CDK takes a layer's default child
        for a CfnResource when it compares functions.
        """
        resource = cdk.CustomResource(
            scope,
            construct_id,
            service_token=self.function.function_arn,
            resource_type=resource_type,
            properties=dict(properties),
            removal_policy=removal_policy,
        )
        # The construct would write a string here, and CDK's own template check warns of it (W9003).
        cast("cdk.CfnResource", resource.node.default_child).add_property_override(
            "ServiceTimeout", SERVICE_TIMEOUT
        )
        self.allow(resource, rights)
        let_other_stacks_follow(resource)
        if "RemovalPolicy" in properties:
            follow_removal(self, resource, properties, rights)
            self.artifacts.append(resource)
        return resource

    def allow(self, resource: cdk.CustomResource, rights: Sequence[Right]) -> None:
        """Allow what one custom resource needs, which waits for it."""
        resource.node.add_dependency(*self._rights.allow(rights))

    def allow_all(self, rights: Sequence[Right]) -> None:
        """Allow what every artifact needs."""
        for artifact in self.artifacts:
            self.allow(artifact, rights)

    def follow(self, bucket: s3.IBucket) -> None:
        """Follow what aspects change of a bucket of artifacts."""
        if bucket.node.addr not in self._followed:
            self._followed.add(bucket.node.addr)
            follow_bucket(self, bucket)

    def _check_function(self) -> None:
        """Name at synth what an aspect made of the function, and what CloudFormation or the handler would refuse."""
        function = cast("lambda_.CfnFunction", self.function.node.default_child)
        annotations = cdk.Annotations.of(self)
        if not cdk.Token.is_unresolved(function.runtime) and function.runtime not in FITTING:
            annotations.add_error(
                f"the publisher's runtime is {function.runtime!r}, set by an aspect or by hand: it must be one of "
                f"{', '.join(FITTING)}; leave this function out, or use configure_publisher(runtime=...)"
            )
        if self.function.stack.resolve(function.function_name) is not None:
            annotations.add_warning_v2(
                "constructs-lib:publisher-name",
                "an aspect names the publisher's function. In a stack that is deployed already CloudFormation refuses "
                "the new name (Modifying service token is not allowed): leave this function out, or acknowledge this "
                "where every stack is new",
            )


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
