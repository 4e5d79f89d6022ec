"""The way from an event to its outcome: one row per resource type."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from constructs_lib.core.errors import PublishError
from constructs_lib.core.log import log
from constructs_lib.core.publish.aws.aws_errors import AwsError
from constructs_lib.core.publish.aws.s3_objects import AssetUnavailableError
from constructs_lib.core.publish.aws.services import Clock
from constructs_lib.handler import bucket_events, function_events, layer_events, source_events
from constructs_lib.handler.outcome import Outcome
from constructs_lib.handler.request import Request
from constructs_lib.handler.sdk_clients import make_services

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.handler.context import LambdaContext

IAM_PROPAGATION = 90.0
"""Seconds for which AccessDenied is retried, because IAM may not have spread a new policy yet."""

_MARGIN = 15.0
"""The work gives up this many seconds before the function ends: five before the watchdog."""


class Resource(NamedTuple):
    """The operations of one resource type."""

    ensure: Callable[[AwsServices, Request], Outcome]
    remove: Callable[[AwsServices, Request], None]


RESOURCES = {
    "Custom::PythonLayerArtifact": Resource(layer_events.ensure, layer_events.remove),
    "Custom::PythonSourceArtifact": Resource(source_events.ensure, source_events.remove),
    "Custom::PythonFunctionArtifact": Resource(function_events.ensure, function_events.remove),
    "Custom::ConstructsLibBucketContent": Resource(bucket_events.ensure, bucket_events.remove),
}


def dispatch(
    event: Mapping[str, Any], context: LambdaContext, on_published: Callable[[str], None]
) -> Outcome:
    """Do what the event asks for; the caller answers FAILED to any exception."""
    request = Request.read(event, context.invoked_function_arn)
    resource = RESOURCES.get(request.resource_type)
    if resource is None:
        raise PublishError(
            "event-invalid",
            f"ResourceType {request.resource_type!r} is unknown: this function serves {', '.join(RESOURCES)}",
        )
    clock = Clock(deadline=time.monotonic() + context.get_remaining_time_in_millis() / 1000 - _MARGIN)
    services = make_services(request.environment.region, clock, on_published)
    if request.request_type == "Delete":
        resource.remove(services, request)
        return Outcome(request.physical_id)
    return _ensure(services, request, resource)


def _ensure(services: AwsServices, request: Request, resource: Resource) -> Outcome:
    """Ensure; AccessDenied is tried again from the start while IAM may still be spreading the policy."""
    start, attempt = services.clock.now(), 0
    while True:
        try:
            return resource.ensure(services, request)
        except AwsError as error:
            may_pass = error.denied and services.clock.now() - start < IAM_PROPAGATION
            if not may_pass or not services.clock.back_off(attempt):
                raise _with_advice(request, error) from error
            log.info("denied, trying again: %s", error)
            attempt += 1


def _with_advice(request: Request, error: AwsError) -> Exception:
    """Add the way out to the error of a rollback that cannot succeed, because `cdk gc` has deleted its asset."""
    if request.request_type != "Update" or not isinstance(error, AssetUnavailableError):
        return error
    return PublishError(
        "asset-unavailable",
        f"{error}. If this is a rollback: aws cloudformation continue-update-rollback "
        f"--stack-name {request.stack_name} --resources-to-skip {request.logical_id}",
    )
