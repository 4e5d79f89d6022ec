"""From an event to what it comes to: one row per resource type."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.aws_errors import AwsError
from constructs_lib.core.publish.objects import AssetUnavailableError
from constructs_lib.core.publish.tools import Clock
from constructs_lib.handler import layer_events as layer
from constructs_lib.handler import source_events as source
from constructs_lib.handler.clients import make_tools
from constructs_lib.handler.outcome import Outcome
from constructs_lib.handler.request import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from constructs_lib.core.publish.tools import Tools
    from constructs_lib.handler.context import LambdaContext

IAM_PROPAGATION = 90.0
"""Seconds for which a new role's AccessDenied may still turn into a yes."""

_MARGIN = 15.0
"""The work gives up this many seconds before the function ends: five before the watchdog."""


class Resource(NamedTuple):
    """What the events of one resource type do."""

    ensure: Callable[[Tools, Request], Outcome]
    remove: Callable[[Tools, Request], None]


RESOURCES = {
    "Custom::PythonLayerArtifact": Resource(layer.ensure, layer.remove),
    "Custom::PythonSourceArtifact": Resource(source.ensure, source.remove),
}


def dispatch(
    event: Mapping[str, Any],
    context: LambdaContext,
    *,
    log: Callable[[str], None],
    on_published: Callable[[str], None],
) -> Outcome:
    """Do what the event asks for; whatever is raised becomes FAILED."""
    request = Request.read(event, context.invoked_function_arn)
    resource = RESOURCES.get(request.resource_type)
    if resource is None:
        known = ", ".join(RESOURCES)
        raise PublishError(f"ResourceType {request.resource_type!r} is unknown: this function knows {known}")
    clock = Clock(deadline=time.monotonic() + context.get_remaining_time_in_millis() / 1000 - _MARGIN)
    tools = make_tools(request.place.region, clock, log, on_published)
    if request.request_type == "Delete":
        resource.remove(tools, request)
        return Outcome(request.physical_id)
    return _ensure(tools, request, resource)


def _ensure(tools: Tools, request: Request, resource: Resource) -> Outcome:
    """Ensure; AccessDenied is tried again from the start while IAM may still be spreading the policy."""
    start, attempt = tools.clock.now(), 0
    while True:
        try:
            return resource.ensure(tools, request)
        except AwsError as error:
            patient = error.denied and tools.clock.now() - start < IAM_PROPAGATION
            if not patient or not tools.clock.back_off(attempt):
                raise _with_advice(request, error) from error
            tools.log(f"denied, trying again: {error}")
            attempt += 1


def _with_advice(request: Request, error: AwsError) -> Exception:
    """A rollback whose asset `cdk gc` has taken cannot succeed; say how to get out."""
    if request.request_type != "Update" or not isinstance(error, AssetUnavailableError):
        return error
    return PublishError(
        f"{error}. If this is a rollback: aws cloudformation continue-update-rollback "
        f"--stack-name {request.stack_name} --resources-to-skip {request.logical_id}"
    )
