"""What the real cdk command line builds, and what it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.files.projects import make_project

if TYPE_CHECKING:
    from tools.embedded_aws import EmbeddedAws

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
CDK = ROOT / "tools" / "cdk" / "node_modules" / ".bin" / "cdk"
LOOK_MORE_OFTEN = ROOT / "tests" / "support" / "aws" / "look_more_often.cjs"

APP = """\
import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_ssm as ssm
from constructs_lib import PythonLayerArtifact, PythonSourceArtifact

app = cdk.App()
shop = cdk.Stack(app, "Shop")
PythonLayerArtifact(shop, "Deps", entry="shop", runtime=lambda_.Runtime.PYTHON_3_13)
PythonSourceArtifact(shop, "Code", entry="shop")
ssm.StringParameter(cdk.Stack(app, "Other"), "Parameter", string_value="x")
app.synth()
"""

# Loaded by every Python that the command starts: writes down each program and each connection it begins.
WITNESS = """\
import os, sys

def witness(event, arguments):
    if event in ("subprocess.Popen", "socket.connect"):
        with open(os.environ["WITNESS"], "a") as file:
            print(event, arguments[0] if event == "subprocess.Popen" else arguments[1], file=file)

sys.addaudithook(witness)
"""


class Cli:
    """The cdk command line on an app with two stacks, and what its Python did."""

    def __init__(self, folder: Path, aws: EmbeddedAws) -> None:
        self._folder = folder
        (folder / "app.py").write_text(APP)
        (folder / "witness").mkdir()
        (folder / "witness" / "sitecustomize.py").write_text(WITNESS)
        make_project(folder / "shop")
        self._witness = folder / "witness.log"
        self._env = {
            **aws.env,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), aws.env.get("PATH", os.defpath)]),
            "PYTHONPATH": os.pathsep.join([str(folder / "witness"), str(ROOT)]),
            "WITNESS": str(self._witness),
            "CDK_HOME": str(folder / "home"),
            "NODE_OPTIONS": f"--require {LOOK_MORE_OFTEN}",
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CONSTRUCTS_LIB_STORE": str(folder / "store"),
        }

    def run(self, *arguments: str, app: str = f"{sys.executable} app.py") -> str:
        self._witness.write_text("")
        command = [str(CDK), *arguments, "--app", app, "--no-notices", "--ci"]
        done = subprocess.run(
            command, cwd=self._folder, env=self._env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def began(self) -> list[str]:
        """Programs and connections, less jsii's own Node."""
        lines = self._witness.read_text().splitlines()
        return [line for line in lines if not line.split(" ")[-1].endswith("node")]


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory, aws: EmbeddedAws) -> Cli:
    return Cli(tmp_path_factory.mktemp("cli"), aws)


def test_listing_builds_nothing(cli: Cli) -> None:
    """`cdk ls` starts no program and opens no connection, and still knows every stack."""
    assert cli.run("ls").split() == ["Shop", "Other"]
    assert cli.began() == []


def test_deploying_another_stack_builds_nothing(cli: Cli, aws: EmbeddedAws) -> None:
    """A deployment of another stack alone leaves the artifacts of this one unbuilt."""
    cli.run("bootstrap", f"aws://{aws.account}/{aws.region}", app="")
    cli.run("deploy", "Other", "--exclusively", "--require-approval", "never")
    assert cli.began() == []
    stacks = aws.client("cloudformation").list_stacks()["StackSummaries"]
    assert [each["StackStatus"] for each in stacks if each["StackName"] == "Other"] == ["CREATE_COMPLETE"]


def test_synthesizing_the_stack_builds(cli: Cli) -> None:
    """The witness sees what it should: the stack with the artifacts runs uv; stdout is the template alone."""
    output = cli.run("synth", "Shop", "--exclusively")
    assert any(line.split(" ")[-1].endswith("/uv") for line in cli.began())
    assert output.startswith("Resources:")
    assert "zipped" not in output
