"""The name and the folder of a layer, from the template of its stack; `integration/test_deployments.py` has a real one."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from constructs_lib.core.deploy.deployed_layer import RESOURCE_TYPE, find_deployed_layer
from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.layout import S3Location

STACK_ID = "arn:aws:cloudformation:eu-west-1:123456789012:stack/Shop/1-2-3"


@dataclass
class FakeCloudFormation:
    """One deployed stack."""

    template: object
    physical_ids: dict[str, str] = field(default_factory=dict)
    parameters: list[dict[str, str]] = field(default_factory=list)

    def get_template(self, *, StackName: str) -> Any:  # noqa: ANN401, N803 - as boto3 has them
        return {"TemplateBody": self.template}

    def describe_stacks(self, *, StackName: str) -> Any:  # noqa: ANN401, N803 - as above
        return {"Stacks": [{"StackId": STACK_ID, "StackName": "Shop", "Parameters": self.parameters}]}

    def get_paginator(self, operation_name: str, /) -> FakeCloudFormation:
        assert operation_name == "list_stack_resources"
        return self

    def paginate(self, *, StackName: str) -> Any:  # noqa: ANN401, N803 - as above
        for name, physical_id in self.physical_ids.items():
            yield {"StackResourceSummaries": [{"LogicalResourceId": name, "PhysicalResourceId": physical_id}]}


def layer(path: str = "", **properties: object) -> dict[str, object]:
    metadata = {"Metadata": {"aws:cdk:path": path}} if path else {}
    values = {"LayerName": "deps", "Bucket": "artifacts", "Prefix": "lambda/deps", **properties}
    return {"Type": RESOURCE_TYPE, "Properties": values, **metadata}


def template(**layers: object) -> dict[str, object]:
    return {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}, **layers}}


@pytest.mark.parametrize(
    ("bucket", "name"),
    [
        ("artifacts", "artifacts"),
        ({"Ref": "Bucket"}, "shop-bucket-1x"),
        ({"Ref": "BucketName"}, "by-parameter"),
        ({"Fn::Sub": "assets-${AWS::AccountId}-${AWS::Region}"}, "assets-123456789012-eu-west-1"),
        ({"Fn::Join": ["-", ["assets", {"Ref": "AWS::Region"}]]}, "assets-eu-west-1"),
    ],
)
@pytest.mark.parametrize("is_text", [False, True])
def test_the_values_are_those_of_the_deployed_stack(bucket: object, name: str, *, is_text: bool) -> None:
    """References are resolved as CloudFormation does."""
    document = template(Deps=layer(Bucket=bucket, BucketOwner="210987654321"))
    cloudformation = FakeCloudFormation(
        json.dumps(document) if is_text else document,
        {"Bucket": "shop-bucket-1x"},
        [{"ParameterKey": "BucketName", "ParameterValue": "by-parameter"}],
    )
    deployed = find_deployed_layer(cloudformation, "Shop")
    assert deployed == ("deps", S3Location(name, "lambda/deps"))
    assert deployed.s3dir_lambda.owner == "210987654321"


@pytest.mark.parametrize(
    "construct", ["Shop/Orders/Deps", "Orders/Deps", "/Orders/Deps/", "OrdersDepsPublished1A2B3C4D"]
)
def test_one_of_several_layers_is_named_by_its_construct(construct: str) -> None:
    """By its path, the end of it, or the logical id."""
    document = template(
        OrdersDepsPublished1A2B3C4D=layer("Shop/Orders/Deps/Published/Default", LayerName="orders"),
        Deps3C4D=layer("Shop/Bills/Deps/Published/Default", LayerName="bills"),
    )
    assert find_deployed_layer(FakeCloudFormation(document), "Shop", construct).layer_name == "orders"
    told = (
        "stack Shop has several layers: choose one by its construct's path: Shop/Bills/Deps, Shop/Orders/Deps"
    )
    for several in ("", "Deps"):
        with pytest.raises(PublishError, match=told):
            find_deployed_layer(FakeCloudFormation(document), "Shop", several)
    with pytest.raises(
        PublishError, match="has no layer of construct 'ps' of this library: it has Shop/Bills"
    ):
        find_deployed_layer(FakeCloudFormation(document), "Shop", "ps")


@pytest.mark.parametrize("construct", ["Deps", "Shop/Deps", "/Shop/Deps/", "DepsPublishedC9C6C39F"])
def test_a_construct_is_found_without_paths(construct: str) -> None:
    """An app may leave them out of its templates; the logical id is made of the path."""
    document = template(DepsPublishedC9C6C39F=layer(), OtherDepsPublishedC9C6C39A=layer(LayerName="other"))
    assert find_deployed_layer(FakeCloudFormation(document), "Shop", construct).layer_name == "deps"


@pytest.mark.parametrize("document", [template(), {}, "Resources: {}", []])
def test_a_stack_without_a_layer_is_refused(document: object) -> None:
    """Also one whose template another program wrote, in YAML."""
    with pytest.raises(PublishError, match="stack Shop has no layer of this library: it has none"):
        find_deployed_layer(FakeCloudFormation(document), "Shop")


@pytest.mark.parametrize(
    "bucket", [{"Fn::ImportValue": "x"}, {"Ref": "Gone"}, 3, {"Fn::Join": ["", [{"Ref": "Gone"}]]}]
)
def test_a_value_that_the_template_does_not_tell_is_refused(bucket: object) -> None:
    """Never guessed."""
    cloudformation = FakeCloudFormation(template(Deps=layer(Bucket=bucket)))
    with pytest.raises(
        PublishError, match=r"the Bucket of Deps is .*give the layer's name and its S3 address instead"
    ):
        find_deployed_layer(cloudformation, "Shop")
