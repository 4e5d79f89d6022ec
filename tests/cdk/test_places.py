"""Where the constructs may stand: several in a stack, nested stacks, stages, partitions; and tokens."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct

from constructs_lib import PythonLayerArtifact, PythonSourceArtifact
from tests.support.files.templates import Json, of_type, one, statements, template

if TYPE_CHECKING:
    from pathlib import Path

LAYER = "Custom::PythonLayerArtifact"
SOURCE = "Custom::PythonSourceArtifact"
PYTHON = lambda_.Runtime.PYTHON_3_13
ACCOUNT = "111111111111"


def furnish(scope: Construct, shop: Path) -> tuple[PythonLayerArtifact, PythonSourceArtifact]:
    return (
        PythonLayerArtifact(scope, "Deps", entry=shop, runtime=PYTHON),
        PythonSourceArtifact(scope, "Code", entry=shop),
    )


def resources(document: Json, service: str) -> list[str]:
    """Return a service's resources in the policies, as text; references are in angle brackets."""
    found = []
    for statement in statements(document):
        named = statement["Resource"]
        for each in named if isinstance(named, list) else [named]:
            text = re.sub(r'\{"(?:Ref|Fn::GetAtt)": ("?[^}]*)\}', r"<\1>", json.dumps(each))
            if f":{service}:" in text:
                found.append("".join(re.findall(r"[^\"\[\], {}]+", text)).replace("Fn::Join:", ""))
    return found


def test_names_are_made_of_the_path(app: cdk.App, shop: Path) -> None:
    """In one stack, two stacks, a nested stack and a stage: other layer names and prefixes every time."""
    plain = cdk.Stack(app, "Plain")
    other = cdk.Stack(app, "Other")
    stage = cdk.Stage(app, "Prod")
    staged = cdk.Stack(stage, "Plain")
    nested = [cdk.NestedStack(scope, "Nested") for scope in (plain, other)]
    scopes = [plain, Construct(plain, "Part"), *nested, other, staged]
    made = [furnish(scope, shop) for scope in scopes]
    names = [deps.layer_version_name for deps, _ in made]
    prefixes = [artifact.prefix for pair in made for artifact in pair]
    assert len(set(names)) == len(names)
    assert len(set(prefixes)) == len(prefixes)
    assert names[-1].startswith("Prod-Plain-Deps-")


def test_one_publisher_for_each_stack(app: cdk.App, shop: Path) -> None:
    """A nested stack is a stack of its own: its resources cannot wait for a policy of another."""
    plain = cdk.Stack(app, "Plain")
    nested = cdk.NestedStack(plain, "Nested")
    for scope in (plain, Construct(plain, "Part"), nested, Construct(nested, "Part")):
        furnish(scope, shop)
    for stack in (plain, nested):
        document = template(stack)
        assert len(of_type(document, "AWS::Lambda::Function")) == 1
        assert len(of_type(document, "AWS::S3::Bucket")) == 1
        tokens = {str(each["Properties"]["ServiceToken"]) for each in of_type(document, LAYER)}
        assert len(tokens) == 1


def test_a_stage_changes_no_logical_id(app: cdk.App, shop: Path) -> None:
    """A stack that moves into a stage keeps its publisher: CloudFormation allows no other service token."""
    plain, staged = cdk.Stack(app, "Plain"), cdk.Stack(cdk.Stage(app, "Prod"), "Plain")
    for stack in (plain, staged):
        furnish(stack, shop)
    one_, other = (
        {
            name
            for name, each in template(stack)["Resources"].items()
            if each["Type"] != "AWS::IAM::ManagedPolicy"
        }
        for stack in (plain, staged)
    )
    assert one_ == other


def test_a_layer_of_a_nested_stack_for_its_parent(app: cdk.App, shop: Path) -> None:
    """The ARN comes out as an output of the nested stack, and changes with the content like any other."""
    parent = cdk.Stack(app, "Plain")
    deps, code = furnish(cdk.NestedStack(parent, "Nested"), shop)
    lambda_.Function(parent, "F", runtime=PYTHON, handler="shop.handler", code=code.code, layers=[deps])
    [layer] = one(template(parent), "AWS::Lambda::Function")["Properties"]["Layers"]
    assert layer["Fn::Join"][1][0]["Fn::GetAtt"][1].startswith("Outputs.")


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("eu-central-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("eusc-de-east-1", "aws-eusc"),
        ("us-iso-east-1", "aws-iso"),
    ],
)
def test_arns_are_of_the_partition(app: cdk.App, shop: Path, region: str, partition: str) -> None:
    """With CDK's flag for literals the ARNs name it, and none names another one."""
    app.node.set_context("@aws-cdk/core:enablePartitionLiterals", True)
    stack = cdk.Stack(app, "Shop", env=cdk.Environment(account=ACCOUNT, region=region))
    deps, _ = furnish(stack, shop)
    deps.add_permission("Friend", account_id=ACCOUNT)
    document = template(stack)
    layer = f"arn:{partition}:lambda:{region}:{ACCOUNT}:layer:{deps.layer_version_name}"
    assert set(resources(document, "lambda")) == {layer, f"{layer}:*"}
    found = set(re.findall(r"arn:(aws[a-z-]*)", json.dumps(document)))
    assert found == {partition}


def test_arns_without_a_region_ask_cloudformation(stack: cdk.Stack, shop: Path) -> None:
    """A stack for any account and region names no partition at all."""
    furnish(stack, shop)
    assert "arn:aws" not in json.dumps(template(stack))


def test_a_name_known_at_deploy_time_reaches_policy_and_prefix(stack: cdk.Stack, shop: Path) -> None:
    """The policy is for exactly the layer and the folder that the handler is told."""
    name = cdk.CfnParameter(stack, "Name").value_as_string
    bucket = s3.Bucket.from_bucket_name(stack, "Given", "given")
    options: dict[str, Any] = {"layer_version_name": name, "description": name * 100, "bucket": bucket}
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON, **options)
    document = template(stack)
    properties = one(document, LAYER)["Properties"]
    assert properties["Prefix"] == {"Fn::Join": ["", ["lambda/", {"Ref": "Name"}]]}
    named = json.dumps(one(document, "AWS::IAM::ManagedPolicy")["Properties"])
    assert ':layer:", {"Ref": "Name"}' in named
    assert 's3:::given/lambda/", {"Ref": "Name"}, "/*"' in named


def test_a_prefix_known_at_deploy_time(stack: cdk.Stack, shop: Path) -> None:
    """For layers and sources alike."""
    prefix = cdk.CfnParameter(stack, "Prefix").value_as_string
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON, prefix=prefix)
    PythonSourceArtifact(stack, "Code", entry=shop, prefix=prefix)
    document = template(stack)
    for resource_type in (LAYER, SOURCE):
        assert one(document, resource_type)["Properties"]["Prefix"] == {"Ref": "Prefix"}


@pytest.mark.parametrize("construct", [PythonLayerArtifact, PythonSourceArtifact])
def test_an_entry_known_at_deploy_time_is_refused(
    stack: cdk.Stack, construct: type[PythonLayerArtifact | PythonSourceArtifact]
) -> None:
    """Building happens now."""
    entry = cdk.CfnParameter(stack, "Entry").value_as_string
    with pytest.raises(ValueError, match="Shop/It: entry is known only when the stack is deployed"):
        construct(stack, "It", entry=entry)


def test_a_layer_is_for_one_runtime_and_one_cpu(stack: cdk.Stack, shop: Path) -> None:
    """Lambda takes up to 15 and 2; a layer of wheels is for one of each, so there is nothing to exceed."""
    furnish(stack, shop)
    properties = one(template(stack), LAYER)["Properties"]
    assert (len(properties["CompatibleRuntimes"]), len(properties["CompatibleArchitectures"])) == (1, 1)
