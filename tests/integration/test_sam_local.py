"""SAM's own parser finds a function's code and its layers in the template that `sam-template` writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from constructs_lib import PythonFunctionArtifact, PythonLayerArtifact, PythonSourceArtifact
from constructs_lib.cli.local_template import write_local_templates
from tests.support.builders.uv import must, uv
from tests.support.files.projects import make_project

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.integration

SAM = "aws-sam-cli==1.170.0"
PYTHON = lambda_.Runtime.PYTHON_3_13

# What `sam local invoke` does before it starts a container, by the same classes.
PARSE = """\
import json, sys
from samcli.lib.providers.sam_function_provider import SamFunctionProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider

stacks, _ = SamLocalStackProvider.get_stacks(sys.argv[1])
functions = SamFunctionProvider(stacks, ignore_code_extraction_warnings=True).get_all()
print(json.dumps([
    {"handler": function.handler, "code": function.codeuri,
     "layers": [layer.codeuri for layer in function.layers]}
    for function in functions
]))
"""


@pytest.fixture(scope="module")
def sam(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install SAM in an environment of its own: it pins libraries that this one has in other versions."""
    folder = tmp_path_factory.mktemp("sam")
    must(uv("venv", f"--python={sys.executable}", str(folder), cwd=folder))
    must(uv("pip", "install", f"--python={folder}", SAM, cwd=folder))
    return folder / ("Scripts" if os.name == "nt" else "bin") / "python"


def parse(sam: Path, template: Path) -> Mapping[str, Mapping[str, object]]:
    """Return code and layers of each function that SAM can run, by its handler; paths are SAM's, made absolute."""
    env = {**os.environ, "SAM_CLI_TELEMETRY": "0"}
    done = subprocess.run(
        [sam, "-c", PARSE, template],
        capture_output=True,
        text=True,
        check=False,
        env=env,
        cwd=template.parent,
    )
    assert done.returncode == 0, done.stderr
    return {row["handler"]: row for row in json.loads(done.stdout.splitlines()[-1])}


def test_sam_finds_code_and_layers(sam: Path, tmp_path: Path) -> None:
    """In the stack's own template it finds the code alone, and the layer is left out without a word."""
    shop = make_project(tmp_path / "shop")
    app = cdk.App(outdir=str(tmp_path / "cdk.out"), context={"aws:cdk:enable-asset-metadata": True})
    shared = PythonLayerArtifact(cdk.Stack(app, "Shared"), "Deps", entry=shop, runtime=PYTHON)
    stack = cdk.Stack(app, "Shop")
    code = PythonSourceArtifact(stack, "Code", entry=shop)
    deps = PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON)
    for name, layer, chosen in (
        ("own", deps, code.code),
        ("shared", shared, code.code),
        ("laid-out", deps, code.laid_out_code),
    ):
        lambda_.Function(
            stack, f"F-{name}", runtime=PYTHON, handler=f"{name}.handler", code=chosen, layers=[layer]
        )
    one_zip = PythonFunctionArtifact(stack, "Zip", entry=shop, runtime=PYTHON)
    for name, chosen in (("one-zip", one_zip.code), ("one-zip-laid-out", one_zip.laid_out_code)):
        lambda_.Function(stack, f"F-{name}", runtime=PYTHON, handler=f"{name}.handler", code=chosen)
    out = Path(app.synth().directory)
    plain = parse(sam, out / "Shop.template.json")
    assert plain["own.handler"]["layers"] == []
    assert not {"laid-out.handler", "one-zip-laid-out.handler"} & set(plain)

    write_local_templates(out)
    functions = parse(sam, out / "Shop.sam.json")
    for name in ("own", "shared", "laid-out"):
        function = functions[f"{name}.handler"]
        assert (out / str(function["code"])).is_file()
        [layer] = function["layers"]  # type: ignore[misc]
        assert (out / str(layer) / "python" / "cart.py").is_file()
    for name in ("one-zip", "one-zip-laid-out"):
        function = functions[f"{name}.handler"]
        assert function["layers"] == []
        files = zipfile.ZipFile(out / str(function["code"])).namelist()
        assert {"shop/__init__.py", "cart.py"} <= set(files)
