"""What cfn-lint and checkov report about templates with artifacts: nothing that the page "Strict accounts" leaves out."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.builders.uv import must, uv
from tests.support.files.projects import make_project

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "guides" / "strict-accounts.md").read_text()
CHECKERS = {"cfn-lint": "1.58.0", "checkov": "3.3.30"}

PLAIN = """\
from aws_cdk import App, RemovalPolicies, RemovalPolicy, Stack
from aws_cdk import aws_lambda as lambda_
from constructs_lib import PythonFunctionArtifact, PythonLayerArtifact, PythonSourceArtifact

app = App()
python = lambda_.Runtime.PYTHON_3_13


def functions(stack, **options):
    deps = PythonLayerArtifact(stack, "Deps", entry="greeter", runtime=python, **options)
    code = PythonSourceArtifact(stack, "Code", entry="greeter")
    one_zip = PythonFunctionArtifact(stack, "Zip", entry="greeter", runtime=python)
    lambda_.Function(stack, "Layered", runtime=python, handler="shop.handler", code=code.code, layers=[deps])
    lambda_.Function(stack, "OneZip", runtime=python, handler="shop.handler", code=one_zip.code)
    return deps


functions(Stack(app, "Plain"))
options = Stack(app, "Options")
deps = functions(options, removal_policy=RemovalPolicy.DESTROY, keep_versions=2, ssm_parameter_name="/shop/deps")
deps.add_permission("Friend", account_id="111111111111")
preview = Stack(app, "Preview")
publisher = functions(preview).publisher.function.node.default_child
publisher.add_metadata("checkov", {"skip": [{"id": "CKV_AWS_117", "comment": "calls public addresses only"}]})
RemovalPolicies.of(preview).destroy()
app.synth()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthesize the page's example and a plain app; return the folder of their templates."""
    folder = tmp_path_factory.mktemp("templates")
    make_project(folder / "greeter")
    [strict] = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    for program in (strict, PLAIN):
        env = {
            **os.environ,
            "CDK_OUTDIR": str(folder / "out"),
            "CDK_VALIDATION": "false",
            "PYTHONPATH": str(ROOT),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        }
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=folder, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    return folder / "out"


@pytest.fixture(scope="module")
def templates(folder: Path) -> Mapping[str, Path]:
    """Return the templates by the names of their stacks."""
    return {path.name.removesuffix(".template.json"): path for path in folder.glob("*.template.json")}


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Install each checker in an environment of its own: they pin libraries that this one has in other versions."""
    programs = {}
    for name, version in CHECKERS.items():
        folder = tmp_path_factory.mktemp(name)
        must(uv("venv", f"--python={sys.executable}", str(folder), cwd=folder))
        must(uv("pip", "install", f"--python={folder}", f"{name}=={version}", cwd=folder))
        programs[name] = folder / ("Scripts" if os.name == "nt" else "bin") / name
    return programs


def resources(template: Path) -> dict[str, Any]:
    return dict(json.loads(template.read_text())["Resources"])


def test_cfn_lint_finds_what_it_finds_in_every_function_of_cdk(
    programs: Mapping[str, Path], templates: Mapping[str, Path]
) -> None:
    """Only the `DependsOn` of a function's role, which CDK writes beside the reference to it."""
    assert set(templates) == {"Strict", "Plain", "Options", "Preview"}
    command = [str(programs["cfn-lint"]), "--format=json", *map(str, templates.values())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    matches = json.loads(done.stdout)
    assert {match["Rule"]["Id"] for match in matches} == {"W3005"}, done.stdout
    assert {match["Filename"] for match in matches} == {str(template) for template in templates.values()}
    for match in matches:
        logical_id = match["Location"]["Path"][1]
        assert resources(Path(match["Filename"]))[logical_id]["Type"] == "AWS::Lambda::Function"
    assert "`W3005`" in PAGE


def test_checkov_finds_what_the_page_names(
    programs: Mapping[str, Path], templates: Mapping[str, Path]
) -> None:
    """In a plain app the rules of the page's table, in the page's own example none; a rule can be left out."""
    command = [
        str(programs["checkov"]),
        "--framework=cloudformation",
        "--output=json",
        "--skip-download",
        *(f"--file={template}" for template in templates.values()),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    results = json.loads(done.stdout)["results"]
    assert results["parsing_errors"] == []
    failed: dict[str, set[tuple[str, str]]] = {name: set() for name in templates}
    for check in results["failed_checks"]:
        kind, _, logical_id = check["resource"].partition(".")
        if not logical_id.startswith(("Layered", "OneZip")):  # the app's own functions
            failed[Path(check["file_abs_path"]).name.partition(".")[0]].add((check["check_id"], kind))
    plain = {
        ("CKV_AWS_18", "AWS::S3::Bucket"),
        ("CKV_AWS_115", "AWS::Lambda::Function"),
        ("CKV_AWS_116", "AWS::Lambda::Function"),
        ("CKV_AWS_117", "AWS::Lambda::Function"),
        ("CKV_AWS_158", "AWS::Logs::LogGroup"),
    }
    assert failed == {
        "Strict": set(),
        "Plain": plain,
        "Options": plain,
        "Preview": plain - {("CKV_AWS_117", "AWS::Lambda::Function")},
    }
    passed = {Path(check["file_abs_path"]).name for check in results["passed_checks"]}
    assert len(passed) == len(templates)
    assert set(re.findall(r"^\| `(CKV_AWS_\d+)`", PAGE, re.MULTILINE)) == {rule for rule, _ in plain}
