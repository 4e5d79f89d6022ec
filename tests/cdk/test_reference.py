"""How functions, in this stack and in others, refer to what is published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from constructs_lib import PythonLayerArtifact, PythonSourceArtifact
from tests.support.files.projects import lock, make_project, write_cart
from tests.support.files.templates import Json, of_type, one, template

if TYPE_CHECKING:
    from pathlib import Path

LAYER = "Custom::PythonLayerArtifact"
PYTHON = lambda_.Runtime.PYTHON_3_13
HERE = cdk.Environment(account="111111111111", region="eu-central-1")


def make_function(
    scope: cdk.Stack, deps: PythonLayerArtifact, code: lambda_.Code | None = None
) -> lambda_.Function:
    return lambda_.Function(
        scope,
        "F",
        runtime=PYTHON,
        handler="shop.handler",
        code=code or lambda_.Code.from_inline("def handler(event, context): pass"),
        layers=[deps],
    )


def function_of(document: Json) -> Json:
    [found] = [each for each in of_type(document, "AWS::Lambda::Function") if "Layers" in each["Properties"]]
    return dict(found["Properties"])


def two_stacks(
    folder: Path, project: Path, producer: cdk.Environment | None, consumer: cdk.Environment | None
) -> tuple[cdk.Stack, cdk.Stack]:
    app = cdk.App(outdir=str(folder))
    shop, shelf = cdk.Stack(app, "Shop", env=producer), cdk.Stack(app, "Shelf", env=consumer)
    deps = PythonLayerArtifact(shop, "Deps", entry=project, runtime=PYTHON)
    code = PythonSourceArtifact(shop, "Code", entry=project)
    make_function(shelf, deps, code.laid_out_code)
    return shop, shelf


@pytest.mark.parametrize("env", [None, HERE], ids=["any", "fixed"])
def test_another_stack_reads_an_output(tmp_path: Path, shop: Path, env: cdk.Environment | None) -> None:
    """No export, which could not change while it is in use: ARN, bucket and key are plain outputs."""
    producer, consumer = two_stacks(tmp_path, shop, env, env)
    document, properties = template(producer), function_of(template(consumer))
    references = [
        properties["Layers"][0]["Fn::Join"][1][0],
        properties["Code"]["S3Key"]["Fn::Join"][1][0],
        properties["Code"]["S3Bucket"],
    ]
    found = [document["Outputs"][each["Fn::GetStackOutput"]["OutputName"]] for each in references]
    assert [each["Value"]["Fn::GetAtt"][1] for each in found] == ["LayerVersionArn", "Key", "Bucket"]
    assert all("Export" not in each for each in document["Outputs"].values())
    assert "ImportValue" not in str(template(consumer))


def test_the_producer_is_deployed_first(tmp_path: Path, shop: Path) -> None:
    """A weak reference still orders the stacks."""
    producer, consumer = two_stacks(tmp_path, shop, HERE, HERE)
    template(consumer)
    assert consumer.dependencies == [producer]


def test_another_account_is_told_through_a_role(tmp_path: Path, shop: Path) -> None:
    """CDK makes the role that reads the output; the order of the stacks is then the user's to say."""
    other = cdk.Environment(account="222222222222", region="eu-central-1")
    producer, consumer = two_stacks(tmp_path, shop, HERE, other)
    [layer] = function_of(template(consumer))["Layers"]
    assert "RoleArn" in layer["Fn::Join"][1][0]["Fn::GetStackOutput"]
    assert consumer.dependencies == []
    consumer.add_dependency(producer)
    assert consumer.dependencies == [producer]


def changed(project: Path, folder: Path, total: int) -> Path:
    """Make a project of the same kind whose dependency has other content."""
    made = make_project(folder / f"total-{total}")
    write_cart(made, total)
    (made / "uv.lock").unlink()
    lock(made)
    return made


def test_new_content_is_a_change_of_the_consumers_template(tmp_path: Path, shop: Path) -> None:
    """Without one, `cdk deploy` would skip the consumer, whose functions would stay on the old version."""
    _, before = two_stacks(tmp_path / "a", shop, HERE, HERE)
    _, same = two_stacks(tmp_path / "b", shop, HERE, HERE)
    _, after = two_stacks(tmp_path / "c", changed(shop, tmp_path, 2), HERE, HERE)
    assert template(before) == template(same)
    [old], [new] = (function_of(template(each))["Layers"] for each in (before, after))
    assert old["Fn::Join"][0] != new["Fn::Join"][0]
    assert old["Fn::Join"][1] == new["Fn::Join"][1]


@pytest.mark.parametrize("recognized", [False, True])
def test_a_function_version_follows_layer_and_code(tmp_path: Path, shop: Path, recognized: bool) -> None:
    """`current_version` is another resource when either changes, with and without CDK's flag for layers."""
    found = set()
    other = changed(shop, tmp_path, 2)
    (edited := make_project(tmp_path / "edited")).joinpath("src", "shop", "new.py").write_text("")
    cases: list[tuple[Path, Path, dict[str, Any]]] = [
        (shop, shop, {}),
        (shop, shop, {}),
        (other, shop, {}),
        (shop, edited, {}),
        (shop, shop, {"description": "x"}),
    ]
    for number, (deps_entry, code_entry, options) in enumerate(cases):
        context = {"@aws-cdk/aws-lambda:recognizeLayerVersion": recognized}
        stack = cdk.Stack(cdk.App(context=context, outdir=str(tmp_path / f"out{number}")), "Shop")
        deps = PythonLayerArtifact(stack, "Deps", entry=deps_entry, runtime=PYTHON, **options)
        code = PythonSourceArtifact(stack, "Code", entry=code_entry)
        make_function(stack, deps, code.code).current_version  # noqa: B018 - asking for it makes it
        resources = template(stack)["Resources"]
        [version] = [name for name, each in resources.items() if each["Type"] == "AWS::Lambda::Version"]
        found.add(version)
    assert len(found) == len(cases) - 1


def test_what_decides_nothing_changes_no_reference(tmp_path: Path, shop: Path) -> None:
    """Another place in S3 or another removal policy publishes nothing, so no function version may be made."""
    found = set()
    for number, options in enumerate([{}, {"prefix": "x"}, {"removal_policy": cdk.RemovalPolicy.DESTROY}]):
        stack = cdk.Stack(cdk.App(outdir=str(tmp_path / f"out{number}")), "Shop")
        deps = PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON, **options)  # type: ignore[arg-type]
        make_function(stack, deps)
        found.add(str(function_of(template(stack))["Layers"]))
    assert len(found) == 1


def test_a_parameter_names_the_newest_version(stack: cdk.Stack, shop: Path) -> None:
    """For those who are not in the app: an SSM parameter that follows every publication."""
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON, ssm_parameter_name="/shop/deps")
    document = template(stack)
    properties = one(document, "AWS::SSM::Parameter")["Properties"]
    assert (properties["Name"], properties["Type"]) == ("/shop/deps", "String")
    logical_id, attribute = properties["Value"]["Fn::GetAtt"]
    assert (document["Resources"][logical_id]["Type"], attribute) == (LAYER, "LayerVersionArn")


def test_no_parameter_unless_asked_for(stack: cdk.Stack, shop: Path) -> None:
    """Nothing appears in an account that nobody wanted."""
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON)
    assert of_type(template(stack), "AWS::SSM::Parameter") == []


@pytest.mark.parametrize("name", ["shop/deps", "with space", "", "/" + "x" * 1011])
def test_a_parameter_needs_a_parameters_name(stack: cdk.Stack, shop: Path, name: str) -> None:
    """What Systems Manager would refuse at deploy time is refused at synth."""
    with pytest.raises(ValueError, match=r"Shop/Deps: ssm_parameter_name .* is not a parameter's name"):
        PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON, ssm_parameter_name=name)


def test_a_new_version_replaces_a_permission(tmp_path: Path, shop: Path) -> None:
    """It names the ARN that publishing returns: a property that, by its schema, only a new resource can have."""
    stack = cdk.Stack(cdk.App(outdir=str(tmp_path)), "Shop")
    deps = PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON)
    deps.add_permission("Friend", account_id="123456789012")
    document = template(stack)
    properties = one(document, "AWS::Lambda::LayerVersionPermission")["Properties"]
    logical_id, attribute = properties["LayerVersionArn"]["Fn::GetAtt"]
    assert (document["Resources"][logical_id]["Type"], attribute) == (LAYER, "LayerVersionArn")
    assert properties["Action"] == "lambda:GetLayerVersion"
    assert properties["Principal"] == "123456789012"
