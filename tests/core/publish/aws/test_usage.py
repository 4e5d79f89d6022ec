"""The functions that use layer versions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.publish.aws.aws_errors import AwsError
from constructs_lib.core.publish.aws.usage import functions_by_layer
from tests.support.aws.faults import refuse, respond

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

    from tests.support.aws.faults import Send
    from tests.support.aws.world import World


def test_each_layer_names_its_functions(world: World) -> None:
    """Published versions of a function count as well; a function without layers is fine."""

    def answer(request: AWSPreparedRequest, _send: Send) -> AWSResponse:
        functions = [
            {"FunctionName": "a", "Layers": [{"Arn": "one"}, {"Arn": "two"}]},
            {"FunctionName": "b", "Layers": [{"Arn": "one"}]},
            {"FunctionName": "c"},
        ]
        return respond(request, 200, {}, json.dumps({"Functions": functions}).encode())

    world.next("lambda.ListFunctions", answer)
    assert functions_by_layer(world.services) == {"one": ["a", "b"], "two": ["a"]}
    assert world.sent["lambda.ListFunctions"][0]["FunctionVersion"] == "ALL"


def test_where_listing_is_denied_nothing_is_known(world: World) -> None:
    world.next("lambda.ListFunctions", refuse(403, "AccessDeniedException"))
    assert functions_by_layer(world.services) is None
    assert world.lines == ["functions may not be listed, so their layers were not looked at"]


def test_another_failure_is_raised(world: World) -> None:
    world.next("lambda.ListFunctions", refuse(400, "InvalidParameterValueException"))
    with pytest.raises(AwsError, match="ListFunctions"):
        functions_by_layer(world.services)
