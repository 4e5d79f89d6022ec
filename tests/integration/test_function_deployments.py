"""The life of functions in one zip, with the real cdk command line and a Lambda that runs them."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3

from constructs_lib import PythonFunctionArtifact
from tests.support.aws.deployments import Account, Cli
from tests.support.aws.shop_stacks import PYTHON, Lab
from tests.support.files.projects import PYPROJECT, make_project
from tests.support.files.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tools.embedded_aws import EmbeddedAws

pytestmark = pytest.mark.integration

SWAPPED, LAID_OUT, BUCKET = "OneZip", "LaidOut", "functions"
CODE = """\
from importlib.util import find_spec

import cart

WORD = {word!r}


def orders(event, context):
    return [WORD, cart.TOTAL, event, find_spec("mail") is not None]


def post(event, context):
    import mail

    return [WORD, mail.NAME]
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, aws: EmbeddedAws) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("one-zip")
    account = Account(aws)
    account.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": account.region})
    with closing(Cli(folder, aws)) as cli:
        yield Lab(folder, cli, account)


def project(lab: Lab, word: str) -> Path:
    """Make a project with two handlers, the second of which needs the group `post`; another word is other code."""
    root = lab.folder / word
    if not root.exists():
        make_wheel(root / "vendor", "mail")
        pyproject = PYPROJECT.replace(
            "[build-system]", '[dependency-groups]\npost = ["mail"]\n\n[build-system]'
        )
        make_project(root, f'{pyproject}mail = {{ path = "vendor/mail-1.0-py3-none-any.whl" }}\n')
        (root / "src" / "shop" / "__init__.py").write_text(CODE.format(word=word))
    return root


def artifact(stack: cdk.Stack, entry: Path, prefix: str, *groups: str) -> PythonFunctionArtifact:
    return PythonFunctionArtifact(
        stack,
        f"{prefix}Zip",
        entry=entry,
        runtime=PYTHON,
        groups=groups,
        bucket=s3.Bucket.from_bucket_name(stack, f"{prefix}Bucket", BUCKET),
        prefix=prefix,
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )


def add_function(
    stack: cdk.Stack, name: str, code: lambda_.Code, handler: str = "orders"
) -> lambda_.Function:
    return lambda_.Function(
        stack, name, function_name=name, runtime=PYTHON, handler=f"shop.{handler}", code=code
    )


def assembly(lab: Lab, word: str, *, broken: bool = False) -> Path:
    """Synthesize a stack with two functions of one project and other groups, and one with code from the bucket."""

    def fill(app: cdk.App) -> None:
        entry = project(lab, word)
        swapped, laid_out = cdk.Stack(app, SWAPPED), cdk.Stack(app, LAID_OUT)
        shelf = artifact(laid_out, entry, "shelf")
        add_function(swapped, "orders", artifact(swapped, entry, "orders").code)
        add_function(laid_out, "beside", shelf.code)
        last = [
            add_function(swapped, "post", artifact(swapped, entry, "post", "post").code, "post"),
            add_function(laid_out, "shelf", shelf.laid_out_code),
        ]
        for function in last if broken else []:
            stack = cdk.Stack.of(function)
            config = lambda_.CfnEventInvokeConfig(
                stack, "Broken", function_name="nobody", qualifier="$LATEST"
            )
            config.node.add_dependency(function)

    return lab.synth(fill)


def words(lab: Lab) -> dict[str, str]:
    """Invoke all functions; return the word in the code of each."""
    words = {}
    for name in ("orders", "post", "beside", "shelf"):
        done = lab.account.lambda_.invoke(FunctionName=name, Payload=b'"x"')
        word, *rest = json.loads(done["Payload"].read())
        assert rest == (["mail"] if name == "post" else [1, "x", False])
        words[name] = word
    return words


def files(lab: Lab) -> list[tuple[str, str]]:
    """Return artifact and name of each file that is laid out."""
    keys = [key.split("/") for key in lab.account.keys(BUCKET)]
    assert {tuple(key[1:3]) for key in keys} <= {("function", "1.2.3")}
    return sorted((key[0], key[-1]) for key in keys)


FILES = [
    (name, file)
    for name in ("orders", "post", "shelf")
    for file in ("function.zip", "sbom.cdx.json", "uv.lock")
]


def test_functions_in_one_zip_from_first_deployment_to_removal(lab: Lab) -> None:
    """They answer, are hotswapped, deployed without an approval, rolled back, and leave no file."""
    stacks, second = (SWAPPED, LAID_OUT), assembly(lab, "second")
    lab.cli.deploy(assembly(lab, "first"), *stacks)
    assert words(lab) == dict.fromkeys(("orders", "post", "beside", "shelf"), "first")
    assert files(lab) == FILES

    output = lab.cli.run("deploy", *stacks, "--hotswap", "--app", str(second))
    assert output.count("hotswapped!") == 2
    # CDK has no value for what the custom resource will return, and swaps nothing of a stack that needs it.
    assert "Could not perform a hotswap deployment" in output
    assert words(lab) == {"orders": "second", "post": "second", "beside": "first", "shelf": "first"}

    difference = lab.cli.run("diff", *stacks, "--app", str(second))
    assert "IAM" not in difference
    assert "Custom::PythonFunctionArtifact" in difference
    # Without a flag and a terminal the command fails where an approval is needed.
    lab.cli.run("deploy", *stacks, "--app", str(second))
    assert words(lab) == dict.fromkeys(("orders", "post", "beside", "shelf"), "second")
    assert files(lab) == FILES

    lab.cli.deploy_in_vain(assembly(lab, "third", broken=True), *stacks)
    assert [lab.account.status(stack) for stack in stacks] == ["UPDATE_ROLLBACK_COMPLETE"] * 2
    assert words(lab) == dict.fromkeys(("orders", "post", "beside", "shelf"), "second")
    assert files(lab) == FILES

    lab.cli.destroy(second, *stacks)
    assert [lab.account.status(stack) for stack in stacks] == ["DELETE_COMPLETE"] * 2
    assert files(lab) == []
