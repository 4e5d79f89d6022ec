"""The choices about the function behind the custom resources."""

from __future__ import annotations

from typing import cast

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

from constructs_lib.cdk.answers import child_of, path_of
from constructs_lib.cdk.arguments import typed
from constructs_lib.core.aws_facts import PREVIEWS, RUNTIMES

PUBLISHER_ID = "ConstructsLibPublisher"
"""Part of the function's logical id. CloudFormation refuses a custom resource whose service token changes
("Modifying service token is not allowed"), so this name and the ids below it never change."""

OPTIONS_ID = "ConstructsLibPublisherOptions"

# With 3.10 and 3.11, Lambda's boto3 has had no IfNoneMatch for PutObject. A preview may change under the publisher.
FITTING = [f"python{version}" for version in RUNTIMES if version not in {"3.10", "3.11", *PREVIEWS}]


class PublisherOptions(Construct):
    """The choices made for a scope; it adds nothing to a template."""

    def __init__(
        self, scope: Construct, runtime: lambda_.Runtime | None, log_retention: logs.RetentionDays | None
    ) -> None:
        super().__init__(scope, OPTIONS_ID)
        self.runtime = runtime
        self.log_retention = log_retention


@typed
def configure_publisher(
    scope: Construct,
    *,
    runtime: lambda_.Runtime | None = None,
    log_retention: logs.RetentionDays | None = None,
) -> None:
    """Choose how the publishing functions below `scope` (an app, a stage or a stack) are made.

    Call it before the first artifact below `scope` is made; of several scopes the nearest decides. The defaults
    are the newest Python that this library supports, and one month of logs.
    """
    path = path_of(scope) or "App"
    if runtime is not None and runtime.name not in FITTING:
        raise ValueError(
            f"{path}: configure_publisher: runtime {runtime.name!r} must be one of {', '.join(FITTING)}"
        )
    publisher = next((child for child in scope.node.find_all() if child.node.id == PUBLISHER_ID), None)
    if publisher is not None:
        raise ValueError(
            f"{path}: configure_publisher: {path_of(publisher)} exists already: call it before the first artifact is "
            f"made"
        )
    PublisherOptions(scope, runtime, log_retention)


def find_runtime(scope: IConstruct) -> lambda_.Runtime | None:
    """Return the runtime chosen for the scope or the nearest one around it."""
    return next((options.runtime for options in _options(scope) if options.runtime), None)


def find_log_retention(scope: IConstruct) -> logs.RetentionDays:
    """Return how long the function's logs are kept."""
    retentions = (options.log_retention for options in _options(scope) if options.log_retention)
    return next(retentions, logs.RetentionDays.ONE_MONTH)


def _options(scope: IConstruct) -> list[PublisherOptions]:
    """Return the options of all scopes around, the nearest first."""
    children = (child_of(above, OPTIONS_ID) for above in reversed(scope.node.scopes))
    return [cast("PublisherOptions", child) for child in children if child is not None]
