"""Templates for `sam local`: each function's code and layers are folders and files of this machine."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from constructs_lib import PythonFunctionArtifact, PythonLayerArtifact, PythonSourceArtifact
from constructs_lib.cli.local_template import write_local_templates
from constructs_lib.core.errors import ProjectError
from tests.support.files.projects import make_project
from tests.support.files.templates import of_type

if TYPE_CHECKING:
    from collections.abc import Callable

PYTHON = lambda_.Runtime.PYTHON_3_13
LAYER_VERSION = "AWS::Lambda::LayerVersion"
CONTEXT = {"aws:cdk:enable-asset-metadata": True}  # as the cdk command line sets it


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("shop"))


def synth(folder: Path, fill: Callable[[cdk.App], object], **context: Any) -> Path:
    app = cdk.App(outdir=str(folder / "cdk.out"), context={**CONTEXT, **context})
    fill(app)
    return Path(app.synth().directory)


def function(stack: cdk.Stack, code: lambda_.Code, *layers: Any) -> lambda_.Function:
    return lambda_.Function(
        stack, "Function", runtime=PYTHON, handler="shop.handler", code=code, layers=list(layers)
    )


def read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text()))


def content_of(document: dict[str, Any], path: Path, function: dict[str, Any]) -> list[Path]:
    """Return the folders of the function's layers, as SAM finds them: by Ref, relative to the template."""
    layers = [document["Resources"][each["Ref"]] for each in function["Properties"]["Layers"]]
    assert {each["Type"] for each in layers} == {LAYER_VERSION}
    return [Path(os.path.normpath(path.parent / each["Properties"]["Content"])) for each in layers]


def the_function(path: Path) -> tuple[Path, list[Path]]:
    """Return code and layers of the only function that is not the publisher."""
    document = read(path)
    return the_code(path), content_of(document, path, own_function(document))


def the_code(path: Path) -> Path:
    """Return the code of that function, as SAM finds it: relative to the template."""
    metadata = own_function(read(path))["Metadata"]
    assert metadata["aws:asset:property"] == "Code"
    return Path(os.path.normpath(path.parent / metadata["aws:asset:path"]))


def own_function(document: dict[str, Any]) -> dict[str, Any]:
    functions = of_type(document, "AWS::Lambda::Function")
    [function] = [each for each in functions if each["Properties"]["Handler"] == "shop.handler"]
    return function


def assert_complete(path: Path) -> None:
    code, [layer] = the_function(path)
    assert "shop/__init__.py" in zipfile.ZipFile(code).namelist()
    assert (layer / "python" / "cart.py").is_file()
    text = path.read_text()
    assert "Custom::Python" not in text
    assert "DependsOn" not in text


@pytest.mark.parametrize("laid_out", [False, True], ids=["code", "laid-out-code"])
@pytest.mark.parametrize("staging", [True, False], ids=["staged", "no-staging"])
def test_one_stack(tmp_path: Path, shop: Path, laid_out: bool, staging: bool) -> None:
    """Code and layer of one stack, where CDK copies assets and where it does not."""

    def fill(app: cdk.App) -> None:
        stack = cdk.Stack(app, "Shop")
        code = PythonSourceArtifact(stack, "Code", entry=shop)
        deps = PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON, description="of the shop")
        function(stack, code.laid_out_code if laid_out else code.code, deps)
        cdk.CfnOutput(stack, "Arn", value=deps.layer_version_arn)

    context = {} if staging else {"aws:cdk:disable-asset-staging": True}
    out = synth(tmp_path, fill, **context)
    assert write_local_templates(out) == [out / "Shop.sam.json"]
    assert_complete(out / "Shop.sam.json")


@pytest.mark.parametrize("laid_out", [False, True], ids=["code", "laid-out-code"])
@pytest.mark.parametrize("staging", [True, False], ids=["staged", "no-staging"])
def test_a_function_in_one_zip(tmp_path: Path, shop: Path, laid_out: bool, staging: bool) -> None:
    """Its code is the zip with project and dependencies; no layer version is made."""

    def fill(app: cdk.App) -> None:
        stack = cdk.Stack(app, "Shop")
        artifact = PythonFunctionArtifact(stack, "Zip", entry=shop, runtime=PYTHON)
        function(stack, artifact.laid_out_code if laid_out else artifact.code)
        cdk.CfnOutput(stack, "ZipUri", value=artifact.s3_uri)

    context = {} if staging else {"aws:cdk:disable-asset-staging": True}
    out = synth(tmp_path, fill, **context)
    [path] = write_local_templates(out)
    code = the_code(path)
    assert {"shop/__init__.py", "cart.py"} <= set(zipfile.ZipFile(code).namelist())
    assert "Custom::Python" not in path.read_text()
    assert of_type(read(path), LAYER_VERSION) == []
    assert list(out.glob("layer.*")) == []


def test_a_layer_of_another_stack(tmp_path: Path, shop: Path) -> None:
    """Its resource is in another template; the reference spells its content."""

    def fill(app: cdk.App) -> None:
        deps = PythonLayerArtifact(cdk.Stack(app, "Layers"), "Deps", entry=shop, runtime=PYTHON)
        stack = cdk.Stack(app, "Shop")
        function(stack, PythonSourceArtifact(stack, "Code", entry=shop).code, deps)

    out = synth(tmp_path, fill)
    assert [path.name for path in write_local_templates(out)] == ["Layers.sam.json", "Shop.sam.json"]
    assert_complete(out / "Shop.sam.json")


def test_nested_stacks_and_stages(tmp_path: Path, shop: Path) -> None:
    """A nested template is followed by its parent; a stage's templates are in a folder of their own."""

    def fill(app: cdk.App) -> None:
        stack = cdk.Stack(cdk.Stage(app, "Prod"), "Shop")
        deps = PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON)
        nested = cdk.NestedStack(stack, "Nested")
        function(nested, PythonSourceArtifact(nested, "Code", entry=shop).code, deps)

    out = synth(tmp_path, fill)
    [parent] = write_local_templates(out)
    [child] = of_type(read(parent), "AWS::CloudFormation::Stack")
    assert_complete(parent.parent / child["Metadata"]["aws:asset:path"])


def test_a_second_run_unzips_nothing(tmp_path: Path, shop: Path) -> None:
    """A layer's folder is named by its content."""

    def fill(app: cdk.App) -> None:
        stack = cdk.Stack(app, "Shop")
        function(
            stack,
            PythonSourceArtifact(stack, "Code", entry=shop).code,
            PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON),
        )

    out = synth(tmp_path, fill)
    write_local_templates(out)
    _, [layer] = the_function(out / "Shop.sam.json")
    (layer / "mark").touch()
    first = (out / "Shop.sam.json").read_bytes()
    write_local_templates(out)
    assert (layer / "mark").exists()
    assert (out / "Shop.sam.json").read_bytes() == first
    assert [path.name for path in out.glob("layer.*")] == [layer.name]


def test_a_stack_that_was_not_built(tmp_path: Path, shop: Path) -> None:
    """Its artifacts have no content; the template is written without them."""

    def fill(app: cdk.App) -> None:
        stack = cdk.Stack(app, "Shop")
        code = PythonSourceArtifact(stack, "Code", entry=shop)
        function(stack, code.code, PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON))

    out = synth(tmp_path, fill, **{"aws:cdk:bundling-stacks": []})
    [path] = write_local_templates(out)
    assert of_type(read(path), LAYER_VERSION) == []
    assert list(out.glob("layer.*")) == []


def test_an_asset_that_is_missing_or_changed(tmp_path: Path, shop: Path) -> None:
    """One line names the file; nothing is unzipped."""

    def fill(app: cdk.App) -> None:
        PythonLayerArtifact(cdk.Stack(app, "Shop"), "Deps", entry=shop, runtime=PYTHON)

    out = synth(tmp_path, fill)
    [resource] = of_type(read(out / "Shop.template.json"), "Custom::PythonLayerArtifact")
    asset = out / f"asset.{resource['Properties']['AssetKey']}"
    asset.write_bytes(b"x")
    with pytest.raises(ProjectError, match="has not the sha256 that the template names"):
        write_local_templates(out)
    asset.unlink()
    with pytest.raises(ProjectError, match="which is not beside it: run 'cdk synth' again"):
        write_local_templates(out)
    assert list(out.glob("layer.*")) == []


def test_a_folder_without_templates(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="holds no template: run 'cdk synth' first"):
        write_local_templates(tmp_path)


@pytest.mark.parametrize("text", ['{"Resources": {', "[]", '{"Resources": []}', '{"Resources": {"A": 3}}'])
def test_a_template_that_was_cut_or_changed(tmp_path: Path, text: str) -> None:
    """An interrupted synthesis may leave one."""
    (tmp_path / "Shop.template.json").write_text(text)
    with pytest.raises(ProjectError, match=r"Shop\.template\.json is no template of CloudFormation in JSON"):
        write_local_templates(tmp_path)
    assert list(tmp_path.glob("*.sam.json")) == []


def test_templates_in_an_asset_are_files_of_the_app(tmp_path: Path) -> None:
    """Such as the test data of a function: they are not read, and nothing is written beside them."""
    asset = tmp_path / "asset.1234" / "x.template.json"
    asset.parent.mkdir()
    asset.write_text("no JSON")
    (tmp_path / "Shop.template.json").write_text("{}")
    assert write_local_templates(tmp_path) == [tmp_path / "Shop.sam.json"]
    assert list(asset.parent.iterdir()) == [asset]
