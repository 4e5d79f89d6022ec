"""cdk-nag's AwsSolutions, and CDK's own checker of templates, on the example and on every option.

The two releases of cdk-nag cannot lie in one environment, so each is put into a folder of its own, before
this environment's.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.files.projects import make_project

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
RELEASES = ["2.38.2", "3.0.2"]

APP = """\
import contextlib, sys
import aws_cdk as cdk
import cdk_nag
from aws_cdk import aws_kms as kms, aws_lambda as lambda_, aws_s3 as s3
from app_example.stack import GreeterStack
from constructs_lib import PythonLayerArtifact, PythonSourceArtifact

project, output = sys.argv[1:]
app = cdk.App(context={"greeter": project}, outdir=output)
GreeterStack(app, "Greeter")
stack = cdk.Stack(app, "Options")
runtime = lambda_.Runtime.PYTHON_3_14
destroy = cdk.RemovalPolicy.DESTROY
deps = PythonLayerArtifact(stack, "Deps", entry=project, runtime=runtime, removal_policy=destroy,
                           keep_versions=2, ssm_parameter_name="/shop/deps")
deps.add_permission("Friend", account_id="111111111111")
name = cdk.CfnParameter(stack, "Name").value_as_string
PythonLayerArtifact(stack, "Named", entry=project, runtime=runtime, layer_version_name=name)
key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-central-1:111111111111:key/12345678")
given = s3.Bucket.from_bucket_attributes(stack, "Given", bucket_name="given", encryption_key=key)
PythonSourceArtifact(stack, "Code", entry=project, bucket=given)
PythonSourceArtifact(cdk.NestedStack(stack, "Nested"), "Code", entry=project)
PythonSourceArtifact(cdk.Stack(app, "Placed", env=cdk.Environment(account="111111111111", region="cn-north-1")),
                     "Code", entry=project)
if hasattr(cdk_nag, "NagSuppressions"):
    cdk.Aspects.of(app).add(cdk_nag.AwsSolutionsChecks())
else:
    cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app))
app.synth()
"""


def findings(output: Path) -> set[tuple[str, str]]:
    """Rule and construct of all that was neither compliant nor acknowledged, in whichever report there is."""
    found = set()
    for report in output.glob("*NagReport.csv"):
        for row in csv.DictReader(report.read_text().splitlines()):
            if row["Compliance"] not in {"Compliant", "Suppressed", "N/A"}:
                found.add((row["Rule ID"], row["Resource ID"]))
    for plugin in json.loads((output / "validation-report.json").read_text())["pluginReports"]:
        for violation in plugin["violations"]:
            for construct in violation["violatingConstructs"]:
                found.add((violation["ruleName"].split("[")[0], construct["constructPath"]))
    return found


@pytest.mark.parametrize("release", RELEASES)
def test_nothing_of_ours_is_found(tmp_path: Path, release: str) -> None:
    """Only the managed policy that CDK itself gives the example's function is left, for the app to judge."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent))
    assert uv is not None
    nag = tmp_path / "nag"
    install = [uv, "pip", "install", "--quiet", "--no-deps", "--target", str(nag), f"cdk-nag=={release}"]
    subprocess.run([*install, "--python", sys.executable], check=True)
    project = make_project(tmp_path / "shop")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(nag), str(ROOT)]), "PATH": path}
    # CDK's own checker is slow to start, so one of the two must do; its findings count too.
    env["CDK_VALIDATION"] = "true" if release == RELEASES[0] else "false"
    output = tmp_path / "cdk.out"
    # With release 3 a finding ends the program with an exit code of its own.
    program = [sys.executable, "-c", APP, str(project), str(output)]
    done = subprocess.run(program, env=env, capture_output=True, text=True, check=False)
    assert (output / "Placed.template.json").exists(), done.stderr
    assert findings(output) == {("AwsSolutions-IAM4", "Greeter/Greeter/ServiceRole/Resource")}
