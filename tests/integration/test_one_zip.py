"""A function in one zip, deployed by the real cdk command line: it answers, is hotswapped, and returns to its old zip."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from constructs_lib import PythonFunctionArtifact
from tests.support.aws.deployments import Account, Cli
from tests.support.aws.shop_stacks import PYTHON, Lab

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tools.embedded_aws import EmbeddedAws

pytestmark = pytest.mark.integration

NAME = "OneZip"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, aws: EmbeddedAws) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("one-zip")
    with closing(Cli(folder, aws)) as cli:
        yield Lab(folder, cli, Account(aws))


def assembly(lab: Lab, total: int) -> Path:
    """Synthesize a function in one zip whose answer, the total, comes from its dependency."""

    def fill(app: cdk.App) -> None:
        stack = cdk.Stack(app, NAME)
        artifact = PythonFunctionArtifact(stack, "Code", entry=lab.project(total), runtime=PYTHON)
        function = lambda_.Function(
            stack,
            "Function",
            runtime=artifact.runtime,
            architecture=artifact.architecture,
            handler="shop.handler",
            code=artifact.code,
        )
        cdk.CfnOutput(stack, "FunctionName", value=function.function_name)
        cdk.CfnOutput(stack, "Uri", value=artifact.s3_uri)

    return lab.synth(fill)


def answer(lab: Lab) -> object:
    """Invoke the stack's function."""
    response = lab.account.lambda_.invoke(FunctionName=lab.account.output(NAME, "FunctionName"))
    return json.loads(response["Payload"].read())


def names_beside(lab: Lab, uri: str) -> set[str]:
    """Return the names in the folder of the zip at this address."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    folder = key.removesuffix("function.zip")
    rows = lab.account.s3.list_objects_v2(Bucket=bucket, Prefix=folder)["Contents"]
    return {str(row["Key"]).removeprefix(folder) for row in rows}


def test_it_answers_is_swapped_and_returns(lab: Lab) -> None:
    """A changed lock file is a change of the code, so it is swapped too; zips, lock files and SBOMs all stay."""
    lab.cli.deploy(assembly(lab, 1), NAME)
    first_uri, first_code = lab.account.output(NAME, "Uri"), lab.account.code(NAME)
    assert answer(lab) == 1

    said = lab.cli.run("deploy", NAME, "--hotswap", "--app", str(assembly(lab, 2)))
    assert "hotswapped" in said
    assert answer(lab) == 2

    lab.cli.deploy(assembly(lab, 2), NAME)
    second_uri = lab.account.output(NAME, "Uri")
    assert second_uri != first_uri

    lab.cli.deploy(assembly(lab, 1), NAME)
    assert (lab.account.output(NAME, "Uri"), lab.account.code(NAME), answer(lab)) == (
        first_uri,
        first_code,
        1,
    )
    for uri in (first_uri, second_uri):
        assert names_beside(lab, uri) == {"function.zip", "uv.lock", "sbom.cdx.json"}
