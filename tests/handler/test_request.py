"""A CloudFormation event, read strictly."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.aws.arn import AwsEnvironment
from constructs_lib.handler.request import Request

FUNCTION = "arn:aws-cn:lambda:cn-north-1:123456789012:function:publisher"
STACK = "arn:aws-cn:cloudformation:cn-north-1:123456789012:stack/Shop/some-guid"


def event(**changes: Any) -> dict[str, Any]:
    return {
        "RequestType": "Create",
        "RequestId": "id",
        "ResourceType": "Custom::PythonLayerArtifact",
        "StackId": STACK,
        "LogicalResourceId": "Deps",
        "ResourceProperties": {},
    } | changes


def test_an_event_says_where_and_for_whom() -> None:
    request = Request.read(event(), FUNCTION)
    assert request.environment == AwsEnvironment("aws-cn", "cn-north-1", "123456789012")
    assert request.stack_name == "Shop"
    assert request.physical_id == ""
    assert request.owner != Request.read(event(LogicalResourceId="Other"), FUNCTION).owner


def test_without_the_functions_arn_the_stacks_own_is_read() -> None:
    """An emulator may call the function by its name."""
    assert Request.read(event(), "publisher").environment.region == "cn-north-1"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"RequestType": "Read"}, "RequestType 'Read' is unknown"),
        ({"RequestType": None}, "no RequestType"),
        ({"ResourceProperties": []}, "no ResourceProperties"),
        ({"StackId": ""}, "no StackId"),
        ({"LogicalResourceId": 3}, "no LogicalResourceId"),
        ({"RequestType": "Update"}, "no PhysicalResourceId"),
        ({"StackId": "Shop"}, "StackId 'Shop' is not an ARN"),
    ],
)
def test_what_cloudformation_never_sends_is_refused(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(PublishError, match=named) as info:
        Request.read(event(**changes), "publisher")
    assert info.value.id == "event-invalid"
