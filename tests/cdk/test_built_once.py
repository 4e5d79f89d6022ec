"""Equal artifacts of an app are built once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from constructs_lib import PythonFunctionArtifact, PythonLayerArtifact
from tests.support.files.projects import lock, make_project, write_cart
from tests.support.files.templates import of_type, staged, template

if TYPE_CHECKING:
    from pathlib import Path

PYTHON = lambda_.Runtime.PYTHON_3_13
LAYER = "Custom::PythonLayerArtifact"


def test_an_equal_layer_is_not_built_again(
    app: cdk.App, stack: cdk.Stack, shop: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Also in another stack and a stage; each has its own resource, with the same zip and the same findings."""
    stage = cdk.Stack(cdk.Stage(app, "Prod"), "Shop")
    for scope in (stack, stage, cdk.Stack(app, "Other")):
        PythonLayerArtifact(scope, "Deps", entry=shop, runtime=PYTHON)
    lines = capfd.readouterr().err
    assert (lines.count(": zipped"), lines.count("the same as Shop/Deps")) == (1, 2)
    keys = [of_type(template(scope), LAYER)[0]["Properties"]["AssetKey"] for scope in (stack, stage)]
    assert keys[0] == keys[1]
    assert staged(app, keys[0]).exists()


@pytest.mark.parametrize("kind", [PythonLayerArtifact, PythonFunctionArtifact], ids=["layer", "function"])
def test_one_that_differs_is_built(
    stack: cdk.Stack,
    shop: Path,
    capfd: pytest.CaptureFixture[str],
    kind: type[PythonLayerArtifact | PythonFunctionArtifact],
) -> None:
    """In its target or its choices; a function is no layer."""
    kind(stack, "One", entry=shop, runtime=PYTHON)
    kind(stack, "Two", entry=shop, runtime=lambda_.Runtime.PYTHON_3_12)
    kind(stack, "Three", entry=shop, runtime=PYTHON, compression="smallest")
    other = PythonFunctionArtifact if kind is PythonLayerArtifact else PythonLayerArtifact
    other(stack, "Four", entry=shop, runtime=PYTHON)
    assert capfd.readouterr().err.count(": zipped") == 4


def test_another_app_builds_again(tmp_path: Path) -> None:
    """Its output may be gone, and the project changed."""
    project = make_project(tmp_path / "changing")
    hashes = set()
    for number in (1, 2):
        write_cart(project, total=number)
        (project / "uv.lock").unlink()
        lock(project)
        stack = cdk.Stack(cdk.App(outdir=str(tmp_path / f"out{number}")), "Shop")
        PythonLayerArtifact(stack, "Deps", entry=project, runtime=PYTHON)
        [resource] = of_type(template(stack), LAYER)
        hashes.add(resource["Properties"]["LayerSha256"])
    assert len(hashes) == 2


def test_the_report_of_each_is_written(stack: cdk.Stack, shop: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        PythonLayerArtifact(stack, name, entry=shop, runtime=PYTHON, report=tmp_path / f"{name}.html")
    assert (tmp_path / "one.html").read_text() == (tmp_path / "two.html").read_text()


def test_a_stack_that_is_not_selected_gets_nothing(tmp_path: Path, shop: Path) -> None:
    """Though another one has built the same."""
    app = cdk.App(outdir=str(tmp_path / "out"), context={"aws:cdk:bundling-stacks": ["Api"]})
    api, other = cdk.Stack(app, "Api"), cdk.Stack(app, "Other")
    for scope in (api, other):
        PythonLayerArtifact(scope, "Deps", entry=shop, runtime=PYTHON)
    [resource] = of_type(template(other), LAYER)
    assert resource["Properties"]["LayerSha256"] == "not-built"


def test_without_staging_the_zip_is_where_the_first_one_left_it(tmp_path: Path, shop: Path) -> None:
    app = cdk.App(outdir=str(tmp_path / "out"), context={"aws:cdk:disable-asset-staging": True})
    for name in ("One", "Two"):
        PythonLayerArtifact(cdk.Stack(app, name), "Deps", entry=shop, runtime=PYTHON)
    app.synth()
    zips = list((tmp_path / "out").glob("asset.*.zip"))
    assert len(zips) == 2  # the layer's, and the publisher's
