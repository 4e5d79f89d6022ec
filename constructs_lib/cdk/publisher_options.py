"""What a user may choose about the function behind the custom resources."""

from __future__ import annotations

from typing import cast

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

from constructs_lib.core.aws_facts import RUNTIMES

PUBLISHER_ID = "ConstructsLibPublisher"
"""Part of the function's logical id. CloudFormation refuses a custom resource whose service token changes
("Modifying service token is not allowed"), so this name and the ids below it never change."""

OPTIONS_ID = "ConstructsLibPublisherOptions"

# With 3.10 and 3.11 Lambda has brought a boto3 whose PutObject knows no IfNoneMatch.
FITTING = [f"python{version}" for version in RUNTIMES if version not in {"3.10", "3.11"}]


class PublisherOptions(Construct):
    """Holds the choices made for a scope; adds nothing to a template."""

    def __init__(
        self, scope: Construct, runtime: lambda_.Runtime | None, log_retention: logs.RetentionDays | None
    ) -> None:
        super().__init__(scope, OPTIONS_ID)
        self.runtime = runtime
        self.log_retention = log_retention


def configure_publisher(
    scope: Construct,
    *,
    runtime: lambda_.Runtime | None = None,
    log_retention: logs.RetentionDays | None = None,
) -> None:
    """Choose how the publishing functions below `scope` (an app, a stage or a stack) are made.

    Call it before the first artifact below `scope` is made; of several scopes the nearest decides. What is
    left out keeps its default: the newest Python this library knows, and one month of logs.
    """
    if runtime is not None and runtime.name not in FITTING:
        msg = f"configure_publisher: runtime {runtime.name!r} must be one of {', '.join(FITTING)}"
        raise ValueError(msg)
    made = next((each for each in scope.node.find_all() if each.node.id == PUBLISHER_ID), None)
    if made is not None:
        msg = (
            f"configure_publisher: {made.node.path} exists already: call it before the first artifact is made"
        )
        raise ValueError(msg)
    PublisherOptions(scope, runtime, log_retention)


def chosen_runtime(scope: IConstruct) -> lambda_.Runtime | None:
    """The runtime that was chosen for the scope or the nearest one around it."""
    return next((each.runtime for each in _options(scope) if each.runtime), None)


def chosen_log_retention(scope: IConstruct) -> logs.RetentionDays:
    """How long the function's logs are kept."""
    chosen = (each.log_retention for each in _options(scope) if each.log_retention)
    return next(chosen, logs.RetentionDays.ONE_MONTH)


def _options(scope: IConstruct) -> list[PublisherOptions]:
    """Of all scopes around, the nearest first."""
    found = (each.node.try_find_child(OPTIONS_ID) for each in reversed(scope.node.scopes))
    return [cast("PublisherOptions", each) for each in found if each is not None]
