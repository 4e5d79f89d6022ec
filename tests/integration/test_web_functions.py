"""The guide about Lambda Web Functions, as it is printed: its project, its stack, and an answer of its app."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.invoke.function_folder import CODE, FunctionPart
from constructs_lib.core.invoke.function_settings import FunctionSettings, WebCall
from constructs_lib.core.invoke.run_function import invoke_function
from constructs_lib.core.target import Target
from tests.support.builders.hosts import OWN
from tests.support.builders.uv import must, uv
from tests.support.files.templates import errors, of_type, one, referred, staged, template

if TYPE_CHECKING:
    import aws_cdk as cdk

    from tests.support.files.templates import Json

pytestmark = pytest.mark.integration

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "web-functions.md"


def block(language: str) -> str:
    """Return the guide's only block in that language."""
    [text] = re.findall(rf"^```{language}\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    return str(text)


@pytest.fixture(scope="module")
def web_stack(tmp_path_factory: pytest.TempPathFactory) -> cdk.Stack:
    """Make and lock the guide's project, and synthesize its stack for the Python that this machine has for sure."""
    folder = tmp_path_factory.mktemp("web")
    package = folder / "shop" / "src" / "shop"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "web.py").write_text(block("py"))
    (folder / "shop" / "pyproject.toml").write_text(block("toml"))
    must(uv("lock", f"--python={sys.executable}", cwd=folder / "shop"))
    program = block("python").replace("PYTHON_3_13", f"PYTHON_{OWN.replace('.', '_')}")
    names: dict[str, Any] = {"__name__": "__main__"}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("CDK_OUTDIR", str(folder / "cdk.out"))
        exec(compile(program, str(GUIDE), "exec"), names)  # noqa: S102 - the guide's program is the subject
    stack: cdk.Stack = names["stack"]
    return stack


@pytest.fixture(scope="module")
def document(web_stack: cdk.Stack) -> Json:
    assert errors(web_stack) == []
    return template(web_stack)


def test_the_revision_runs_the_zip_that_is_laid_out(document: Json) -> None:
    """Bucket and key are those of the artifact, and a change of the zip is another text: a revision is immutable."""
    revision = one(document, "AWS::Lambda::WebFunctionRevision")["Properties"]
    s3_object = revision["BuildConfig"]["CodeConfig"]["S3Object"]
    logical_id, attribute = referred(s3_object["Key"])
    artifact = document["Resources"][logical_id]
    assert (artifact["Type"], attribute) == ("Custom::PythonFunctionArtifact", "Key")
    assert s3_object["Bucket"] == {"Fn::GetAtt": [logical_id, "Bucket"]}
    assert artifact["Properties"]["FunctionSha256"] in str(s3_object["Key"])
    assert revision["BuildConfig"]["RuntimeConfig"] == {"Runtime": f"python{OWN}"}


def test_lambda_may_read_the_zip_before_the_revision_is_made(document: Json) -> None:
    """For the revisions of this Web Function alone, and only the zips of this artifact."""
    [statement] = [
        statement
        for statement in one(document, "AWS::S3::BucketPolicy")["Properties"]["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    ]
    assert set(statement["Action"]) == {"s3:GetObject", "s3:GetObjectVersion"}
    assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}
    prefix = one(document, "Custom::PythonFunctionArtifact")["Properties"]["Prefix"]
    assert f"/{prefix}/function/*" in str(statement["Resource"])
    assert "/revision/*" in str(statement["Condition"]["ArnLike"]["aws:SourceArn"])
    policies = [
        name
        for name, resource in document["Resources"].items()
        if resource["Type"] == "AWS::S3::BucketPolicy"
    ]
    assert set(policies) <= set(one(document, "AWS::Lambda::WebFunctionRevision")["DependsOn"])
    # A Web Function that depended on the policy would close a circle.
    assert "DependsOn" not in one(document, "AWS::Lambda::WebFunction")


def test_the_bucket_keeps_the_version_that_a_revision_refers_to(document: Json) -> None:
    """Lambda reads the object of a Web Function where it is, for as long as the revision lives."""
    [bucket] = of_type(document, "AWS::S3::Bucket")
    assert bucket["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["DeletionPolicy"] == "Retain"


def test_the_app_answers_from_exactly_that_zip(web_stack: cdk.Stack, document: Json) -> None:
    """The framework comes from the lock file; nothing that is installed here is on the app's path."""
    properties = one(document, "Custom::PythonFunctionArtifact")["Properties"]
    archive = staged(web_stack.node.root, properties["AssetKey"])  # type: ignore[arg-type]
    variables = one(document, "AWS::Lambda::WebFunctionRevision")["Properties"]["ServiceConfig"]
    protocol, _, app = variables["EnvironmentVariables"]["AWS_LAMBDA_PYTHON_ENTRYPOINT"].partition(":")
    assert protocol == "asgi"
    answer = invoke_function(
        [FunctionPart(archive, CODE)],
        WebCall(app, "/items/7"),
        Target(OWN, "arm64"),
        FunctionSettings(timeout=300),
        write_line=print,
    )
    assert not answer.failed, answer.payload
    response = json.loads(answer.payload)
    assert (response["statusCode"], response["body"]) == (200, '{"item":7}')
