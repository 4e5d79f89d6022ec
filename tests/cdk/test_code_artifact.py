"""What sources and functions in one zip have in common."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3

from constructs_lib import PythonFunctionArtifact, PythonSourceArtifact
from tests.support.files.templates import actions, errors, of_type, referred, staged, template

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from constructs_lib.cdk.code_artifact import CodeArtifact

PYTHON = lambda_.Runtime.PYTHON_3_13
KINDS = [PythonSourceArtifact, PythonFunctionArtifact]


def use(scope: cdk.Stack, code: lambda_.Code) -> None:
    lambda_.Function(scope, "F", runtime=PYTHON, handler="shop.handler", code=code)


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def make(request: pytest.FixtureRequest, shop: Path) -> Callable[..., CodeArtifact]:
    kind: type[CodeArtifact] = request.param

    def made(scope: cdk.Stack, construct_id: str = "Code", **more: object) -> CodeArtifact:
        options = {"runtime": PYTHON} if kind is PythonFunctionArtifact else {}
        return kind(scope, construct_id, entry=shop, **options, **more)  # type: ignore[arg-type]

    return made


def custom(stack: cdk.Stack) -> dict[str, object]:
    [properties] = [
        resource["Properties"]
        for kind in KINDS
        for resource in of_type(template(stack), f"Custom::{kind.__name__}")
    ]
    return dict(properties)


def test_code_is_the_staged_zip(app: cdk.App, stack: cdk.Stack, make: Callable[..., CodeArtifact]) -> None:
    """Its hash is the one in the template, which the publisher compares."""
    use(stack, make(stack).code)
    properties = custom(stack)
    [code] = [
        each["Properties"]["Code"]
        for each in of_type(template(stack), "AWS::Lambda::Function")
        if each["Properties"]["Handler"] == "shop.handler"
    ]
    assert (code["S3Bucket"], code["S3Key"]) == (properties["AssetBucket"], properties["AssetKey"])
    sha256 = hashlib.sha256(staged(app, code["S3Key"]).read_bytes()).hexdigest()
    assert sha256 in (properties.get("SourceSha256"), properties.get("FunctionSha256"))


def test_laid_out_code_and_address_come_from_the_publisher(
    stack: cdk.Stack, make: Callable[..., CodeArtifact]
) -> None:
    artifact = make(stack)
    use(stack, artifact.laid_out_code)
    uri = stack.resolve(artifact.s3_uri)
    key = next(
        each["Properties"]["Code"]["S3Key"]
        for each in of_type(template(stack), "AWS::Lambda::Function")
        if each["Properties"]["Handler"] == "shop.handler"
    )
    logical_id, attribute = referred(key)
    assert attribute == "Key"
    assert uri == {"Fn::GetAtt": [logical_id, "S3Uri"]}


def test_the_laid_out_location_is_that_of_the_laid_out_code(
    stack: cdk.Stack, make: Callable[..., CodeArtifact]
) -> None:
    """Resources without a `Code` get the same object, and another text in the template for another content."""
    artifact = make(stack)
    location = artifact.laid_out_location
    use(stack, artifact.laid_out_code)
    [code] = [
        function["Properties"]["Code"]
        for function in of_type(template(stack), "AWS::Lambda::Function")
        if function["Properties"]["Handler"] == "shop.handler"
    ]
    key = stack.resolve(location.object_key)
    assert {"S3Bucket": stack.resolve(location.bucket_name), "S3Key": key} == code
    assert referred(key)[1] == "Key"
    properties = custom(stack)
    assert str(properties.get("SourceSha256") or properties["FunctionSha256"]) in str(key)


def test_two_artifacts_have_folders_apart(stack: cdk.Stack, make: Callable[..., CodeArtifact]) -> None:
    bucket = s3.Bucket(stack, "Given")
    make(stack, bucket=bucket, prefix="team")
    with pytest.raises(ValueError, match="are in one bucket and not apart"):
        make(stack, "Second", bucket=bucket, prefix="team")


def test_only_a_destroying_artifact_may_delete(stack: cdk.Stack, make: Callable[..., CodeArtifact]) -> None:
    make(stack)
    assert "s3:DeleteObject" not in actions(template(stack))
    other = cdk.Stack(cdk.App(), "Other")
    make(other, removal_policy=cdk.RemovalPolicy.DESTROY)
    assert "s3:DeleteObject" in actions(template(other))


def test_a_stack_that_is_not_selected(tmp_path: Path, make: Callable[..., CodeArtifact]) -> None:
    """Nothing is built; a function of a selected stack that takes it is an error that names the construct."""
    app = cdk.App(outdir=str(tmp_path / "out"), context={"aws:cdk:bundling-stacks": ["Api"]})
    shop, api = cdk.Stack(app, "Shop"), cdk.Stack(app, "Api")
    artifact = make(shop)
    use(api, artifact.code)
    [(_, text)] = errors(api)
    assert f"the stack of its {type(artifact).__name__} is not selected" in text
    assert "not-built" in custom(shop).values()
