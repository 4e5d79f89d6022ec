"""A CloudFormation event, read strictly."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NoReturn, cast

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.aws.arn import AwsEnvironment

if TYPE_CHECKING:
    from collections.abc import Mapping

_REQUEST_TYPES = ("Create", "Update", "Delete")


@dataclass(frozen=True, slots=True)
class Request:
    """The request of one event. `environment` is the function's own, and so that of its layers."""

    request_type: Literal["Create", "Update", "Delete"]
    request_id: str
    resource_type: str
    stack_id: str
    logical_id: str
    physical_id: str
    properties: Mapping[str, Any]
    environment: AwsEnvironment

    @classmethod
    def read(cls, event: Mapping[str, Any], function_arn: str) -> Request:
        """Read an event; PublishError names what is missing or unknown."""
        request_type = _text(event, "RequestType")
        if request_type not in _REQUEST_TYPES:
            raise PublishError(
                "event-invalid", f"RequestType {request_type!r} is unknown: expected one of {_REQUEST_TYPES}"
            )
        stack_id = _text(event, "StackId")
        properties = event.get("ResourceProperties")
        if not isinstance(properties, dict):
            raise PublishError(
                "event-invalid", "the event has no ResourceProperties: CloudFormation did not send it"
            )
        return cls(
            request_type=cast("Literal['Create', 'Update', 'Delete']", request_type),
            request_id=str(event.get("RequestId") or ""),
            resource_type=_text(event, "ResourceType"),
            stack_id=stack_id,
            logical_id=_text(event, "LogicalResourceId"),
            # A Delete without an id has nothing to delete; an Update must name what it updates.
            physical_id=_text(event, "PhysicalResourceId")
            if request_type == "Update"
            else str(event.get("PhysicalResourceId") or ""),
            properties=properties,
            environment=_environment(function_arn) or _environment(stack_id) or _refuse_stack_id(stack_id),
        )

    @property
    def owner(self) -> str:
        """The owner of everything that this resource publishes: one resource of one life of one stack."""
        return hashlib.sha256(f"{self.stack_id}\n{self.logical_id}".encode()).hexdigest()

    @property
    def stack_name(self) -> str:
        """The stack's name, for advice."""
        return self.stack_id.split("/")[1] if self.stack_id.count("/") > 1 else self.stack_id


def _text(event: Mapping[str, Any], key: str) -> str:
    value = event.get(key)
    if not isinstance(value, str) or not value:
        raise PublishError("event-invalid", f"the event has no {key}: CloudFormation did not send it")
    if not value.isprintable():
        raise PublishError(
            "event-invalid", f"{key} {value[:60]!a} is no readable text: CloudFormation did not send it"
        )
    return value


def _environment(arn: str) -> AwsEnvironment | None:
    """Return the environment in an ARN; None for any other text."""
    parts = arn.split(":")
    return AwsEnvironment(parts[1], parts[3], parts[4]) if len(parts) > 5 and parts[0] == "arn" else None


def _refuse_stack_id(stack_id: str) -> NoReturn:
    raise PublishError("event-invalid", f"StackId {stack_id!r} is not an ARN: CloudFormation did not send it")
