"""The function behind the custom resources: one for each stack, with a role that names its resources."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from constructs_lib.cdk.answers import address_of, child_of, is_token, stack_of
from constructs_lib.cdk.aspects import ReadsTogether, after_aspects
from constructs_lib.cdk.bucket_changes import empty_at_the_end, follow_bucket
from constructs_lib.cdk.nag import acknowledge
from constructs_lib.cdk.publisher_options import (
    FITTING,
    PUBLISHER_ID,
    find_log_retention,
    find_runtime,
)
from constructs_lib.cdk.reference import let_other_stacks_follow
from constructs_lib.cdk.removal_changes import follow_removal
from constructs_lib.cdk.rights import Right, Rights
from constructs_lib.cdk.runtime import cdk_runtime
from constructs_lib.cdk.synth import lasting, scratch_folder
from constructs_lib.core.archive.entry import compress
from constructs_lib.core.archive.writer import Archive, write_archive
from constructs_lib.core.aws_facts import NEWEST
from constructs_lib.core.target import Target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_s3 as s3

SERVICE_TIMEOUT = 900
"""Seconds that CloudFormation waits for an answer; Lambda's own retries end within it."""

MEMORY = 1769
"""MB of the function: Lambda gives CPU by memory, and this is one whole CPU. Less makes a cold start longer, not cheaper."""

TIMEOUT = 300
"""Seconds for one delivery: 90 s for rights to spread, a publication, and its repetition after a read timeout of 60 s."""

# The modules that the handler imports, which a test compares: the rest needs libraries that Lambda does not have, and
# would make a new function of a change that it does not see.
_SHIPPED = (
    "__init__.py",
    "core/__init__.py",
    "core/aws_facts.py",
    "core/errors.py",
    "core/log.py",
    "core/on_demand.py",
    "core/publish/__init__.py",
    "core/publish/aws/__init__.py",
    "core/publish/aws/arn.py",
    "core/publish/aws/aws_errors.py",
    "core/publish/aws/bucket_content.py",
    "core/publish/aws/s3_objects.py",
    "core/publish/aws/services.py",
    "core/publish/aws/side_by_side.py",
    "core/publish/aws/usage.py",
    "core/publish/companion.py",
    "core/publish/function.py",
    "core/publish/layers/__init__.py",
    "core/publish/layers/ensure.py",
    "core/publish/layers/find.py",
    "core/publish/layers/layer_deployment.py",
    "core/publish/layers/layer_removal.py",
    "core/publish/layers/layer_spec.py",
    "core/publish/layers/live_versions.py",
    "core/publish/layers/publish_version.py",
    "core/publish/layers/reader_files.py",
    "core/publish/layers/release.py",
    "core/publish/layers/remove.py",
    "core/publish/layers/stage.py",
    "core/publish/layers/version_records.py",
    "core/publish/layout.py",
    "core/publish/ownership.py",
    "core/publish/prefix.py",
    "core/publish/source.py",
    "handler/__init__.py",
    "handler/bucket_events.py",
    "handler/cloudwatch.py",
    "handler/dispatch.py",
    "handler/function_events.py",
    "handler/index.py",
    "handler/layer_events.py",
    "handler/outcome.py",
    "handler/properties.py",
    "handler/request.py",
    "handler/response.py",
    "handler/sdk_clients.py",
    "handler/source_events.py",
)


class Publisher(Construct):
    """The function that lays artifacts out in S3 and publishes layer versions for CloudFormation."""

    @classmethod
    def of(cls, scope: Construct) -> Publisher:
        """Return the stack's publisher; the first call makes it."""
        stack = stack_of(scope)
        existing = child_of(stack, PUBLISHER_ID)
        return cast("Publisher", existing) if existing is not None else cls(stack)

    def __init__(self, stack: cdk.Stack) -> None:
        super().__init__(stack, PUBLISHER_ID)
        self._artifacts: list[tuple[cdk.CustomResource, object]] = []
        self.reads = ReadsTogether(lambda: empty_at_the_end(self))
        self._followed: set[str] = set()
        self.log_group = logs.LogGroup(
            self, "Logs", retention=find_log_retention(stack), removal_policy=cdk.RemovalPolicy.DESTROY
        )
        self.role = self._make_role()
        self._rights = Rights(self, self.role)
        self._rights.allow(
            [Right(("logs:CreateLogStream", "logs:PutLogEvents"), (self.log_group.log_group_arn,))]
        )
        configured_runtime = find_runtime(stack)
        with scratch_folder() as folder:
            self.function = lambda_.Function(
                self,
                "Function",
                code=_code(stack, folder),
                handler="constructs_lib.handler.index.handler",
                runtime=configured_runtime or cdk_runtime(Target(NEWEST)),
                role=cast("iam.IRole", self.role),
                log_group=cast("logs.ILogGroup", self.log_group),
                timeout=cdk.Duration.seconds(TIMEOUT),
                memory_size=MEMORY,
                max_event_age=cdk.Duration.seconds(SERVICE_TIMEOUT),
                description="Lays out and publishes Lambda artifacts for CloudFormation (constructs_lib)",
            )
        after_aspects(cast("cdk.CfnResource", self.function.node.default_child), self._check_function)
        if configured_runtime is None:
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
            self._artifacts.append((resource, properties["Bucket"]))
        return resource

    def allow(self, resource: cdk.CustomResource, rights: Sequence[Right]) -> None:
        """Allow what one custom resource needs, which waits for it."""
        resource.node.add_dependency(*self._rights.allow(rights))

    def allow_all(self, rights: Sequence[Right]) -> None:
        """Allow what every artifact needs."""
        for artifact, _ in self._artifacts:
            self.allow(artifact, rights)

    def artifacts_in(self, bucket: s3.IBucket) -> list[cdk.CustomResource]:
        """Return the resources of the artifacts that are laid out in one bucket."""
        name = bucket.bucket_name
        return [artifact for artifact, place in self._artifacts if place == name]

    def follow(self, bucket: s3.IBucket) -> None:
        """Follow what aspects change of a bucket of artifacts."""
        if address_of(bucket) not in self._followed:
            self._followed.add(address_of(bucket))
            follow_bucket(self, bucket)

    def _check_function(self) -> None:
        """Name at synth what an aspect made of the function, and what CloudFormation or the handler would refuse."""
        function = cast("lambda_.CfnFunction", self.function.node.default_child)
        annotations = cdk.Annotations.of(self)
        if not is_token(function.runtime or "") and function.runtime not in FITTING:
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
    """Write the handler's deployment package: this library's own modules, whatever line endings a checkout gave them."""
    package = Path(__file__).parent.parent
    files = sorted(package / name for name in _SHIPPED)
    contents = ((file, file.read_bytes().replace(b"\r\n", b"\n")) for file in files)
    entries = [
        compress(file.relative_to(package.parent).as_posix(), content, str(file))
        for file, content in contents
    ]
    return write_archive(entries, path)
