"""The example's pipeline, synthesized as CodeBuild does it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app_example import pipeline
from tests.support.files.templates import Json, of_type, one
from tests.support.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
LAYER = "Custom::PythonLayerArtifact"
SOURCE = "Custom::PythonSourceArtifact"


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory, shop: Path) -> Path:
    """`cdk.out` of the example's own program, run with nothing of AWS in its environment."""
    folder = tmp_path_factory.mktemp("pipeline")
    env = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    env |= {
        "CDK_OUTDIR": str(folder / "cdk.out"),
        "CDK_CONTEXT_JSON": json.dumps({"greeter": str(shop)}),
        "HOME": str(folder),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    program = [sys.executable, "-m", "app_example.pipeline"]
    subprocess.run(program, cwd=ROOT, env=env, check=True, capture_output=True, timeout=PATIENCE)
    return folder / "cdk.out"


def stage(output: Path, name: str) -> tuple[Json, Json]:
    """Template and assets of the one stack of a stage."""
    folder = output / f"assembly-GreeterPipeline-{name}"
    [template], [assets] = folder.glob("*.template.json"), folder.glob("*.assets.json")
    return json.loads(template.read_text()), json.loads(assets.read_text())


def projects(output: Path) -> Iterator[dict[str, Any]]:
    """Return the commands of the CodeBuild projects."""
    document = json.loads((output / "GreeterPipeline.template.json").read_text())
    for project in of_type(document, "AWS::CodeBuild::Project"):
        yield json.loads(project["Properties"]["Source"]["BuildSpec"])


def test_both_accounts_hold_both_resources(output: Path) -> None:
    """With the same bytes, each from the bucket of its own account."""
    found = []
    for name, account in (("Staging", pipeline.STAGING), ("Production", pipeline.PRODUCTION)):
        document, _ = stage(output, name)
        layer, source = (one(document, each)["Properties"] for each in (LAYER, SOURCE))
        assert layer["AssetBucket"] == f"cdk-hnb659fds-assets-{account}-{pipeline.REGION}"
        assert source["AssetBucket"] == layer["AssetBucket"]
        assert layer["LayerName"].startswith(f"{name}-Greeter-Deps-")
        found.append((layer["LayerSha256"], layer["Fingerprint"], source["SourceSha256"]))
    assert found[0] == found[1]


def test_every_asset_is_published_to_both_accounts(output: Path) -> None:
    """By the pipeline, before the stacks that name it are deployed."""
    commands = [command for project in projects(output) for command in project["phases"]["build"]["commands"]]
    document, assets = stage(output, "Staging")
    layer, source = (one(document, each)["Properties"] for each in (LAYER, SOURCE))
    keys = [source["AssetKey"], *(layer[f"{kind}AssetKey"] for kind in ("", "Manifest", "Sbom"))]
    for key in keys:
        asset = key.split(".")[0]
        assert asset in assets["files"]
        for account in (pipeline.STAGING, pipeline.PRODUCTION):
            assert any(f'"{asset}:{account}-' in command for command in commands), key


def test_a_layer_is_built_once_in_the_assembly(output: Path) -> None:
    """Two stages, one file: what is named by its content is there once."""
    _, staging = stage(output, "Staging")
    _, production = stage(output, "Production")
    ours = [key for key, file in staging["files"].items() if file["source"]["path"].startswith("../asset.")]
    assert len(ours) == 5
    assert set(ours) <= set(production["files"])


def test_the_step_brings_what_a_synth_needs(output: Path) -> None:
    """The command line on its 2.x, the library, a Python; no Docker."""
    [synth] = [each for each in projects(output) if "runtime-versions" in each["phases"]["install"]]
    assert synth["phases"]["install"]["commands"] == [
        "npm install --global aws-cdk@2",
        "pip install '.[cdk]'",
    ]
    assert synth["phases"]["build"]["commands"] == ["cdk synth --app 'python -m app_example.pipeline'"]
    document = json.loads((output / "GreeterPipeline.template.json").read_text())
    project = next(
        each
        for each in of_type(document, "AWS::CodeBuild::Project")
        if "runtime-versions" in each["Properties"]["Source"]["BuildSpec"]
    )
    assert project["Properties"]["Environment"]["PrivilegedMode"] is False
