"""A CloudFormation event, read strictly."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.arn import Place

if TYPE_CHECKING:
    from collections.abc import Mapping

_REQUEST_TYPES = ("Create", "Update", "Delete")


@dataclass(frozen=True, slots=True)
class Request:
    """What an event asks for. `place` is where the function runs, and so where its layers live."""

    request_type: Literal["Create", "Update", "Delete"]
    request_id: str
    resource_type: str
    stack_id: str
    logical_id: str
    physical_id: str
    properties: Mapping[str, Any]
    place: Place

    @classmethod
    def read(cls, event: Mapping[str, Any], function_arn: str) -> Request:
        """Read an event; PublishError names what is missing or unknown."""
        request_type = _text(event, "RequestType")
        if request_type not in _REQUEST_TYPES:
            raise PublishError(f"RequestType {request_type!r} is unknown: expected one of {_REQUEST_TYPES}")
        stack_id = _text(event, "StackId")
        properties = event.get("ResourceProperties")
        if not isinstance(properties, dict):
            raise PublishError("the event has no ResourceProperties: CloudFormation did not send it")
        return cls(
            request_type=cast("Literal['Create', 'Update', 'Delete']", request_type),
            request_id=str(event.get("RequestId") or ""),
            resource_type=_text(event, "ResourceType"),
            stack_id=stack_id,
            logical_id=_text(event, "LogicalResourceId"),
            # A Delete without an id has nothing to delete; an Update must say what it updates.
            physical_id=_text(event, "PhysicalResourceId")
            if request_type == "Update"
            else str(event.get("PhysicalResourceId") or ""),
            properties=properties,
            place=_place(function_arn) or _place(stack_id) or _unplaced(stack_id),
        )

    @property
    def owner(self) -> str:
        """Who owns what this resource publishes: one resource of one life of one stack."""
        return hashlib.sha256(f"{self.stack_id}\n{self.logical_id}".encode()).hexdigest()

    @property
    def stack_name(self) -> str:
        """The stack's name, for advice."""
        return self.stack_id.split("/")[1] if self.stack_id.count("/") > 1 else self.stack_id


def _text(event: Mapping[str, Any], key: str) -> str:
    value = event.get(key)
    if not isinstance(value, str) or not value:
        raise PublishError(f"the event has no {key}: CloudFormation did not send it")
    return value


def _place(arn: str) -> Place | None:
    parts = arn.split(":")
    return Place(parts[1], parts[3], parts[4]) if len(parts) > 5 and parts[0] == "arn" else None


def _unplaced(stack_id: str) -> Place:
    raise PublishError(f"StackId {stack_id!r} is not an ARN: CloudFormation did not send it")
