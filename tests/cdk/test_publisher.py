from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from constructs_lib import PythonLayerArtifact, PythonSourceArtifact
from constructs_lib.cdk.publisher import handler_archive
from tests.support.files.templates import errors, one, template, warnings, without_hashes

if TYPE_CHECKING:
    import pytest

GOLDEN = Path(__file__).parent / "golden" / "template.json"


def test_the_template_is_the_golden_one(stack: cdk.Stack, shop: Path) -> None:
    """Logical ids, service token and properties are API: CloudFormation refuses a service token that changes.

    After a wanted change: UPDATE_GOLDEN=1, and read the difference.
    """
    deps = PythonLayerArtifact(stack, "Deps", entry=shop, runtime=lambda_.Runtime.PYTHON_3_13)
    code = PythonSourceArtifact(stack, "Code", entry=shop)
    lambda_.Function(
        stack,
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="shop.handler",
        code=code.code,
        layers=[deps],
    )
    found = without_hashes(template(stack))
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    assert found == json.loads(GOLDEN.read_text())


def test_nothing_is_warned_of(app: cdk.App, stack: cdk.Stack, shop: Path) -> None:
    """An app that uses everything as documented gets no warning and no error from CDK."""
    deps = PythonLayerArtifact(stack, "Deps", entry=shop, runtime=lambda_.Runtime.PYTHON_3_13)
    code = PythonSourceArtifact(stack, "Code", entry=shop)
    runtime = lambda_.Runtime.PYTHON_3_13
    lambda_.Function(stack, "F", runtime=runtime, handler="shop.handler", code=code.code, layers=[deps])
    app.synth()
    assert warnings(stack) == []
    assert errors(stack) == []


def test_the_function_is_as_the_lifecycle_asks(stack: cdk.Stack, shop: Path) -> None:
    """Five minutes, 512 MB, events no older than CloudFormation waits, and a log group of its own."""
    PythonSourceArtifact(stack, "Code", entry=shop)
    document = template(stack)
    properties = one(document, "AWS::Lambda::Function")["Properties"]
    assert (properties["Timeout"], properties["MemorySize"]) == (300, 1769)
    assert properties["Handler"] == "constructs_lib.handler.index.handler"
    assert one(document, "AWS::Lambda::EventInvokeConfig")["Properties"]["MaximumEventAgeInSeconds"] == 900
    assert one(document, "AWS::Logs::LogGroup")["Properties"]["RetentionInDays"] == 30


def test_only_lambda_may_be_the_publisher(stack: cdk.Stack, shop: Path) -> None:
    """The role trusts the Lambda service and nobody else, and holds no managed policy."""
    PythonSourceArtifact(stack, "Code", entry=shop)
    role = one(template(stack), "AWS::IAM::Role")["Properties"]
    [statement] = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert "ManagedPolicyArns" not in role


def test_the_default_bucket_is_closed(stack: cdk.Stack, shop: Path) -> None:
    """Private, versioned, TLS only, owner enforced, and kept with the stack gone."""
    PythonSourceArtifact(stack, "Code", entry=shop)
    document = template(stack)
    bucket = one(document, "AWS::S3::Bucket")
    properties = bucket["Properties"]
    assert bucket["DeletionPolicy"] == "Retain"
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert properties["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    denied = one(document, "AWS::S3::BucketPolicy")["Properties"]["PolicyDocument"]["Statement"]
    assert {"Bool": {"aws:SecureTransport": "false"}} in [each["Condition"] for each in denied]


def test_the_shipped_files_are_those_that_are_imported(tmp_path: Path) -> None:
    """The handler imports in an interpreter that has the standard library and boto3, and needs every shipped file."""
    import boto3

    with zipfile.ZipFile(handler_archive(tmp_path / "handler.zip").path) as archive:
        archive.extractall(tmp_path / "task")
    libraries = Path(boto3.__file__).parent.parent
    program = (
        "import sys\n"
        f"sys.path[:0] = [{str(tmp_path / 'task')!r}]\n"
        f"sys.path.append({str(libraries)!r})\n"
        "import constructs_lib, constructs_lib.handler.index as index, constructs_lib.handler.dispatch as dispatch\n"
        "assert callable(index.handler)\n"
        "assert constructs_lib.__file__.startswith(sys.path[0])\n"
        "heavy = {'aws_cdk', 'jsii', 'packaging', 'deflate', 'requests', 'platformdirs'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "loaded = [module.__file__ for name, module in sys.modules.items() if name.startswith('constructs_lib')]\n"
        "print('\\n'.join(loaded))\n"
    )
    # -I and -S: neither site-packages nor the checkout may help.
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], check=True, cwd=tmp_path, capture_output=True, text=True
    )
    shipped = {str(path) for path in (tmp_path / "task").rglob("*.py")}
    assert {line for line in done.stdout.splitlines() if line} == shipped


def test_the_shipped_zip_is_reproducible(tmp_path: Path) -> None:
    """An unchanged library gives an unchanged function: no update of the handler without a reason."""
    first, second = handler_archive(tmp_path / "a.zip"), handler_archive(tmp_path / "b.zip")
    assert first.sha256 == second.sha256
    with zipfile.ZipFile(first.path) as archive:
        assert all(name.endswith(".py") for name in archive.namelist())


def test_line_endings_do_not_change_the_function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout on Windows has others, and its deployment must not replace the function."""
    plain = handler_archive(tmp_path / "a.zip")
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read(path).replace(b"\n", b"\r\n"))
    assert handler_archive(tmp_path / "b.zip").sha256 == plain.sha256
