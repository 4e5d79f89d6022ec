"""`cdk watch` as people run it: in the app's folder, with the settings of `cdk init`."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.support.aws.deployments import CDK, ROOT, Account, Cli
from tests.support.files.projects import make_project
from tests.support.patience import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tools.embedded_aws import EmbeddedAws

pytestmark = pytest.mark.integration

APP = """\
import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from constructs_lib import PythonLayerArtifact, PythonSourceArtifact

app = cdk.App()
stack = cdk.Stack(app, "Watched")
runtime = lambda_.Runtime.PYTHON_3_13
deps = PythonLayerArtifact(stack, "Deps", entry="shop", runtime=runtime, report="build/layer.html")
code = PythonSourceArtifact(stack, "Code", entry="shop")
function = lambda_.Function(stack, "Function", runtime=runtime, handler="shop.handler", code=code.code, layers=[deps])
cdk.CfnOutput(stack, "FunctionName", value=function.function_name)
app.synth()
"""
WATCH = {
    "include": ["**"],
    "exclude": ["README.md", "cdk*.json", "**/__init__.py", "**/__pycache__", "tests"],
}
EDITED = "shop/src/shop/total.py"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_project(tmp_path / "shop")
    (tmp_path / EDITED).write_text("TOTAL = 0\n")
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "cdk.json").write_text(json.dumps({"app": f"{sys.executable} app.py", "watch": WATCH}))
    return tmp_path


@contextmanager
def watching(folder: Path, env: dict[str, str]) -> Iterator[Path]:
    """Run `cdk watch`, which never ends by itself; yield the file of its output."""
    output = folder.parent / "watch.log"
    command = ["node", str(CDK.parent / "bin" / "cdk"), "watch", "--no-notices", "--no-version-reporting"]
    with output.open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield output
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def deployments(output: Path) -> int:
    """Return how many deployments have ended."""
    return output.read_text().count("Total time:")


def test_one_edit_is_one_deployment(
    folder: Path, aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The code is swapped at each save, and no file that the synth writes is taken for an edit."""
    lab = tmp_path_factory.mktemp("cli")
    account = Account(aws)
    with closing(Cli(folder, aws)) as cli:
        cli.deploy(f"{sys.executable} app.py", "Watched")
    codes = [account.code("Watched")]
    env = {
        **aws.env,
        "PYTHONPATH": str(ROOT),
        "CDK_HOME": str(lab / "home"),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CI": "true",
    }
    with watching(folder, env) as output:
        wait_until(lambda: deployments(output) == 1, "the initial deployment")
        for edits in (1, 2):
            with (folder / EDITED).open("r+") as file:  # as many bytes by one write: watchers see one change
                file.write(f"TOTAL = {edits}\n")
            wait_until(lambda done=edits + 1: deployments(output) == done, "a deployment after an edit")  # type: ignore[misc]
            codes.append(account.code("Watched"))
        said = output.read_text()
    assert len(set(codes)) == 3, said
    assert said.count("hotswapped") == 2, said
    assert re.findall(r"Detected change to '([^']+)'", said) == [EDITED, EDITED], said
