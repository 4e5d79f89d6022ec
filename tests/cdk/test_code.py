"""The code of a function: the staged zip, or the copy in the artifact bucket."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from constructs_lib import PythonSourceArtifact
from tests.support.files.templates import Json, errors, of_type, one, referred, staged, template

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = "Custom::PythonSourceArtifact"
HERE = cdk.Environment(account="111111111111", region="eu-central-1")
ELSEWHERE = cdk.Environment(account="222222222222", region="eu-north-1")


def use(scope: cdk.Stack, code: lambda_.Code) -> None:
    lambda_.Function(scope, "F", runtime=lambda_.Runtime.PYTHON_3_13, handler="shop.handler", code=code)


def function_of(document: Json) -> Json:
    functions = of_type(document, "AWS::Lambda::Function")
    [function] = [each for each in functions if each["Properties"]["Handler"] == "shop.handler"]
    return function


def test_code_is_the_staged_zip(app: cdk.App, stack: cdk.Stack, shop: Path) -> None:
    """Hotswap, watch and SAM need values that are in the template: bucket, key, and where the files are."""
    stack.node.set_context("aws:cdk:enable-asset-metadata", True)
    artifact = PythonSourceArtifact(stack, "Code", entry=shop)
    use(stack, artifact.code)
    function, source = function_of(template(stack)), one(template(stack), SOURCE)["Properties"]
    code = function["Properties"]["Code"]
    assert (code["S3Key"], code["S3Bucket"]) == (source["AssetKey"], source["AssetBucket"])
    assert hashlib.sha256(staged(app, code["S3Key"]).read_bytes()).hexdigest() == artifact.source_sha256
    assert "GetAtt" not in json.dumps(code)
    assert function["Metadata"] == {
        "aws:asset:path": staged(app, code["S3Key"]).name,
        "aws:asset:is-bundled": False,
        "aws:asset:property": "Code",
    }


def test_laid_out_code_is_what_the_handler_laid_out(stack: cdk.Stack, shop: Path) -> None:
    """It points a function at the custom resource's key, so it is deployed after the zip is there."""
    use(stack, PythonSourceArtifact(stack, "Code", entry=shop).laid_out_code)
    document = template(stack)
    code = function_of(document)["Properties"]["Code"]
    logical_id, attribute = referred(code["S3Key"])
    assert document["Resources"][logical_id]["Type"] == SOURCE
    assert attribute == "Key"
    assert code["S3Bucket"] == {"Fn::GetAtt": [logical_id, "Bucket"]}


@pytest.mark.parametrize("env", [HERE, ELSEWHERE], ids=["the-same", "another"])
def test_a_function_of_another_stack_has_the_zip_as_its_own_asset(
    app: cdk.App, tmp_path: Path, shop: Path, env: cdk.Environment
) -> None:
    """Another account or region has another staging bucket; two functions of that stack share one asset."""
    producer, consumer = cdk.Stack(app, "Producer", env=HERE), cdk.Stack(app, "Consumer", env=env)
    code = PythonSourceArtifact(producer, "Code", entry=shop).code
    use(consumer, code)
    lambda_.Function(consumer, "G", runtime=lambda_.Runtime.PYTHON_3_13, handler="shop.other", code=code)
    key = function_of(template(consumer))["Properties"]["Code"]["S3Key"]
    assert staged(app, key).exists()
    app.synth()
    manifest = json.loads((staged(app, key).parent / "Consumer.assets.json").read_text())
    files = [file for file in manifest["files"].values() if file["source"]["path"] == staged(app, key).name]
    [destination] = files[0]["destinations"].values()
    assert (len(files), destination["bucketName"]) == (
        1,
        f"cdk-hnb659fds-assets-{env.account}-{env.region}",
    )
    assert consumer.dependencies == []


def test_a_nested_stage_finds_the_zip(app: cdk.App, shop: Path) -> None:
    """A stage has its own folder in the output, and its assets are above it."""
    stage = cdk.Stage(app, "Prod")
    producer, consumer = cdk.Stack(stage, "Producer"), cdk.Stack(stage, "Consumer")
    use(consumer, PythonSourceArtifact(producer, "Code", entry=shop).code)
    assert staged(app, function_of(template(consumer))["Properties"]["Code"]["S3Key"]).exists()


def test_without_staging_every_file_is_where_the_manifest_names_it(tmp_path: Path, shop: Path) -> None:
    """`cdk synth --no-staging` copies nothing, and a build's scratch folder is gone by then."""
    app = cdk.App(outdir=str(tmp_path / "out"), context={"aws:cdk:disable-asset-staging": True})
    stack, other = cdk.Stack(app, "Shop"), cdk.Stack(app, "Other")
    code = PythonSourceArtifact(stack, "Code", entry=shop).code
    use(stack, code)
    use(other, code)
    app.synth()
    for name in ("Shop", "Other"):
        manifest = json.loads((tmp_path / "out" / f"{name}.assets.json").read_text())
        assert all(
            (tmp_path / "out" / file["source"]["path"]).exists() for file in manifest["files"].values()
        )


def test_a_stack_that_is_not_deployed_has_no_code(tmp_path: Path, shop: Path) -> None:
    """Nothing is built for it, and its template still synthesizes."""
    app = cdk.App(outdir=str(tmp_path / "out"), context={"aws:cdk:bundling-stacks": []})
    stack = cdk.Stack(app, "Shop")
    use(stack, PythonSourceArtifact(stack, "Code", entry=shop).code)
    assert function_of(template(stack))["Properties"]["Code"] == {
        "S3Bucket": "not-built",
        "S3Key": "not-built",
    }


def test_a_function_whose_source_is_not_selected(tmp_path: Path, shop: Path) -> None:
    """It must not be deployed with a bucket's name that anybody could take."""
    app = cdk.App(outdir=str(tmp_path / "out"), context={"aws:cdk:bundling-stacks": ["Api"]})
    code = PythonSourceArtifact(cdk.Stack(app, "Shop"), "Code", entry=shop).code
    api = cdk.Stack(app, "Api")
    use(api, code)
    [(path, text)] = errors(api)
    assert path == "/Api/F"
    assert "the stack of its PythonSourceArtifact is not selected" in text


def test_code_is_asked_for_twice(app: cdk.App, shop: Path) -> None:
    """Both functions of the other stack share one asset."""
    source = PythonSourceArtifact(cdk.Stack(app, "Shop"), "Code", entry=shop)
    api = cdk.Stack(app, "Api")
    use(api, source.code)
    lambda_.Function(api, "G", runtime=lambda_.Runtime.PYTHON_3_13, handler="shop.other", code=source.code)
    first, second = of_type(template(api), "AWS::Lambda::Function")
    assert first["Properties"]["Code"] == second["Properties"]["Code"]
