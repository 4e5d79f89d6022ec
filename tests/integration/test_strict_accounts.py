"""The page "Strict accounts" keeps its word: the packs of cdk-nag find nothing in the publisher that it does not name."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.files.projects import make_project
from tests.support.files.templates import of_type

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "guides" / "strict-accounts.md"
PACKS = ["HIPAASecurityChecks", "NIST80053R5Checks", "PCIDSS321Checks"]
ADDED = f"""
import aws_cdk, cdk_nag
for pack in {PACKS}:
    aws_cdk.Aspects.of(app).add(getattr(cdk_nag, pack)())
app.synth()
"""
OURS = re.compile(r"Strict/(ConstructsLib|Artifacts|Deps|Failed)")


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the page's example under the three packs; return its cdk.out."""
    folder = tmp_path_factory.mktemp("strict")
    uv = shutil.which("uv", path=str(Path(sys.executable).parent))
    assert uv is not None
    install = [
        uv,
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        str(folder / "nag"),
        "cdk-nag==2.38.2",
    ]
    subprocess.run([*install, "--python", sys.executable], check=True)
    make_project(folder / "greeter")
    [example] = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert example.endswith("app.synth()\n")
    program = (
        example.removesuffix("app.synth()\n").replace("App()", f"App(outdir={str(folder / 'out')!r})") + ADDED
    )
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(folder / "nag"), str(ROOT)]),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "CDK_VALIDATION": "false",
    }
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert (folder / "out" / "Strict.template.json").exists(), done.stderr
    return folder / "out"


def test_what_is_left_is_for_the_company(output: Path) -> None:
    """Replication of the bucket is the only rule that the page does not meet, and it says so."""
    found = set()
    for report in output.glob("*NagReport.csv"):
        for row in csv.DictReader(report.read_text().splitlines()):
            if row["Compliance"] not in {"Compliant", "Suppressed", "N/A"} and OURS.match(row["Resource ID"]):
                found.add((row["Rule ID"].rpartition("-")[2], row["Resource ID"]))
    assert found == {("S3BucketReplicationEnabled", "Strict/Artifacts/Resource")}
    assert len(list(output.glob("*NagReport.csv"))) == len(PACKS)
    assert "`S3BucketReplicationEnabled`" in PAGE.read_text()


def test_every_line_reaches_the_publisher(output: Path) -> None:
    """Each setting of the example is in the template, at the publisher's resources."""
    document = json.loads((output / "Strict.template.json").read_text())
    functions = of_type(document, "AWS::Lambda::Function")
    [publisher] = [
        each["Properties"] for each in functions if "Lays out" in each["Properties"].get("Description", "")
    ]
    assert publisher["ReservedConcurrentExecutions"] == 10
    assert publisher["TracingConfig"] == {"Mode": "Active"}
    assert len(publisher["VpcConfig"]["SubnetIds"]) == 2
    assert {"DeadLetterConfig", "KmsKeyArn"} <= set(publisher)
    logs = [each["Properties"] for each in of_type(document, "AWS::Logs::LogGroup")]
    assert any("KmsKeyId" in each for each in logs)
    roles = json.dumps(of_type(document, "AWS::IAM::Role"))
    assert "AWSLambdaVPCAccessExecutionRole" in roles
    assert all("PermissionsBoundary" in each["Properties"] for each in of_type(document, "AWS::IAM::Role"))
    rights = json.dumps(of_type(document, "AWS::IAM::ManagedPolicy"))
    assert "kms:ViaService" in rights  # the bucket's key
