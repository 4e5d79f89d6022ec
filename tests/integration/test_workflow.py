"""Without CDK, over HTTP: real projects, each tool's own install, and the scripts of the guide."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import constructs_lib.core as lib
from constructs_lib.core import (
    LayerBuildToolEnum,
    LayerDeploymentWorkflow,
    Target,
    build_and_upload_source_using_pip,
    build_and_upload_source_using_uv,
    deploy_layer,
    deploy_source,
    plan_layer,
)
from tests.support.builders.builders import TOOLS, local_builder, poetry_lock
from tests.support.builders.hosts import OWN
from tests.support.builders.uv import must, uv
from tests.support.files.projects import lock, make_project, write_cart

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from botocore.hooks import HierarchicalEmitter
    from mypy_boto3_s3 import S3Client

    from tools.embedded_aws import EmbeddedAws

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
BUCKET = "my-artifacts"
PYPROJECT = """\
[project]
name = "greeter"
version = "1.0.0"
requires-python = ">=3.10,<4"
dependencies = ["humanize==VERSION", "markupsafe==3.0.2"]

[tool.uv]
package = false

[tool.poetry]
package-mode = false
"""
SOURCE = '\n[[tool.poetry.source]]\nname = "simple"\nurl = "INDEX/"\npriority = "primary"\n'
EXPORT = ("export", "--quiet", "--frozen", "--no-emit-project", "--output-file=requirements.txt")


@pytest.fixture(scope="module", autouse=True)
def bucket(aws: EmbeddedAws) -> None:
    here = {"LocationConstraint": aws.region}
    aws.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=here)


def write_project(root: Path, tool: str, humanize: str) -> None:
    """Write the project with this version of humanize, and the tool's lock of it."""
    root.mkdir(exist_ok=True)
    (root / "pyproject.toml").write_text(PYPROJECT.replace("VERSION", humanize))
    must(uv("lock", "--quiet", f"--python={sys.executable}", cwd=root))
    if tool == "pip":
        must(uv(*EXPORT, cwd=root))
    if tool == "poetry":
        packages = tomllib.loads((root / "uv.lock").read_text())["package"]
        index = next(each["source"]["registry"] for each in packages if "registry" in each["source"])
        with (root / "pyproject.toml").open("a") as file:
            file.write(SOURCE.replace("INDEX", index.rstrip("/")))
        poetry_lock(root)


class Session(NamedTuple):
    """A session manager, which earlier scripts hand over in place of its S3 client."""

    s3_client: S3Client


def counting(events: HierarchicalEmitter) -> list[str]:
    """Return a list that collects the operations this client sends from now on."""
    sent: list[str] = []
    events.register("before-send", lambda event_name, **_: sent.append(event_name.rpartition(".")[2]))
    return sent


@pytest.mark.parametrize("tool", TOOLS)
def test_each_tools_own_install_is_published_once_and_again_when_its_lock_changes(
    tool: str, aws: EmbeddedAws, tmp_path: Path
) -> None:
    """The second run is unchanged: the same ARN, and nothing was put or published."""
    project, s3, lambda_ = tmp_path / "greeter", aws.client("s3"), aws.client("lambda")
    write_project(project, tool, "4.14.0")
    workflow = LayerDeploymentWorkflow(
        local_builder(tool, project, sys.executable),
        project / LayerBuildToolEnum(tool).manifest_name,
        f"s3://{BUCKET}/lambda/{tool}/",
        f"greeter-{tool}",
        s3,
        lambda_,
        publish_layer_version_kwargs={
            "CompatibleRuntimes": [f"python{OWN}"],
            "CompatibleArchitectures": ["x86_64"],
        },
        verbose=False,
    )
    first = workflow.run()
    assert (first.layer_version, first.is_new) == (1, True)
    stored = s3.get_object(Bucket=BUCKET, Key=first.s3path_manifest.key)["Body"].read()
    assert stored == (project / LayerBuildToolEnum(tool).manifest_name).read_bytes()
    sent = [counting(s3.meta.events), counting(lambda_.meta.events)]
    assert workflow.run() == replace(first, is_new=False)
    assert {name for names in sent for name in names} <= {
        "ListLayerVersions",
        "GetLayerVersion",
        "HeadObject",
    }
    write_project(project, tool, "4.15.0")
    second = workflow.run()
    assert (second.layer_version, second.is_new) == (2, True)


def test_a_function_runs_with_what_two_calls_have_published(aws: EmbeddedAws, tmp_path: Path) -> None:
    """Layer and code of one project; a change of its dependency is planned, then published."""
    shop, s3, lambda_ = make_project(tmp_path / "shop"), aws.client("s3"), aws.client("lambda")
    clients = {"s3_client": s3, "lambda_client": lambda_}
    arguments: dict[str, Any] = {"s3dir_lambda": f"s3://{BUCKET}/shop", "layer_name": "shop", **clients}
    layer = deploy_layer(shop, Target(OWN), **arguments)
    code = deploy_source(shop, s3dir_lambda=f"s3://{BUCKET}/shop", s3_client=s3).s3path_source_zip
    lambda_.create_function(
        FunctionName="shop",
        Runtime=f"python{OWN}",
        Role=f"arn:aws:iam::{aws.account}:role/shop",
        Handler="shop.handler",
        Code={"S3Bucket": code.bucket, "S3Key": code.key},
        Layers=[layer.layer_version_arn],
    )
    assert json.loads(lambda_.invoke(FunctionName="shop")["Payload"].read()) == 1
    assert plan_layer(shop, Target(OWN), **arguments).unchanged
    write_cart(shop, total=2)
    (shop / "uv.lock").unlink()
    lock(shop)
    planned = plan_layer(shop, Target(OWN), **arguments)
    assert planned.reasons == ("cart 1.0 comes from another wheel (since version 1)",)
    assert deploy_layer(shop, Target(OWN), **arguments).layer_version == 2


def test_the_scripts_of_the_guide_work_as_they_are_printed(aws: EmbeddedAws, tmp_path: Path) -> None:
    """Each in a program of its own that finds this AWS in its environment; twice, and the second is unchanged."""
    make_project(tmp_path / "greeter")
    page = (ROOT / "docs" / "guides" / "without-cdk.md").read_text()
    examples = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    env = {**aws.env, "PATH": os.pathsep.join([str(Path(sys.executable).parent), aws.env["PATH"]])}
    said = {}
    for code in examples:
        [name, given] = re.findall(r"^def (\w+)\((.*)\):", code, re.MULTILINE)[0]
        arguments = "boto3.client('s3'), boto3.client('lambda')" if given else ""
        call = f"import boto3\n{code}\nprint({name}({arguments}))\n" * 2
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", call],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        said[name] = done.stdout
    assert set(said) == {"publish", "lay_out", "lay_out_function", "publish_tree", "four_steps"}
    assert "layer greeter-deps has no version" in said["publish"]
    assert re.findall(r":layer:greeter-deps:(\d+) (\w+)", said["publish"]) == [
        ("1", "new"),
        ("1", "unchanged"),
    ]
    assert set(re.findall(r":layer:greeter-(\w+:\d+)\n", said["publish_tree"])) == {"tree:1"}
    assert re.findall(r"is_new=(\w+)", said["four_steps"]) == ["True", "False"]


def test_the_statements_of_an_earlier_script_work(aws: EmbeddedAws, tmp_path: Path) -> None:
    """With their names and keywords as released; only the import is another."""
    project = tmp_path / "greeter"
    write_project(project, "uv", "4.14.0")
    must(uv(*EXPORT, cwd=project))
    path_pyproject_toml, tool = project / "pyproject.toml", lib.LayerBuildToolEnum.uv
    s3dir_lambda, session = f"s3://{BUCKET}/earlier/lambda/", Session(aws.client("s3"))
    pip = Path(sys.executable).with_name("pip")
    with lib.DateTimeTimer(title="Total build time", verbose=False):
        lib.PipBasedLambdaLayerLocalBuilder(
            path_bin_pip=pip, path_pyproject_toml=path_pyproject_toml, credentials=None, skip_prompt=True
        ).run()
    by_pip = lib.LambdaLayerZipper(path_pyproject_toml=path_pyproject_toml, layer_build_tool="pip").run()
    builder = lib.UVBasedLambdaLayerLocalBuilder(
        path_bin_uv=Path("uv"), path_pyproject_toml=path_pyproject_toml, credentials=None, skip_prompt=True
    )
    builder.step_1_preflight_check()
    builder.step_2_prepare_environment()
    builder.step_3_execute_build()
    builder.step_4_finalize_artifacts()
    zipper = lib.LambdaLayerZipper(
        path_pyproject_toml=path_pyproject_toml, layer_build_tool=tool, ignore_package_list=None, verbose=True
    )
    assert zipper.run().sha256 == by_pip.sha256
    lib.upload_layer_zip_to_s3(
        s3_client=session,
        path_pyproject_toml=path_pyproject_toml,
        s3dir_lambda=s3dir_lambda,
        layer_build_tool=tool,
        verbose=True,
    )
    publisher = lib.LambdaLayerVersionPublisher(
        s3_client=session,
        lambda_client=aws.client("lambda"),
        path_pyproject_toml=path_pyproject_toml,
        s3dir_lambda=s3dir_lambda,
        layer_build_tool=tool,
        layer_name="earlier",
        verbose=True,
    )
    assert [publisher.run().is_new, publisher.run().is_new] == [True, False]
    lib.validate_artifacts(builder.path_layout.dir_python, path_pyproject_toml, check_linux=True)


def test_the_statements_of_an_earlier_script_for_sources_work(aws: EmbeddedAws, tmp_path: Path) -> None:
    """Step by step and in one call they lead to one object."""
    project, session = setuptools_project(tmp_path / "shop"), Session(aws.client("s3"))
    s3dir_lambda, folder = f"s3://{BUCKET}/earlier-source/lambda/", project / "build" / "lambda" / "source"
    lib.build_source_artifacts_using_pip(
        path_bin_pip=Path(sys.executable).with_name("pip"),
        path_setup_py_or_pyproject_toml=project / "pyproject.toml",
        dir_lambda_source_build=folder / "build",
        verbose=True,
        skip_prompt=True,
    )
    sha256 = lib.create_source_zip(
        dir_lambda_source_build=folder / "build", path_source_zip=folder / "source.zip", verbose=True
    )
    place = lib.upload_source_artifacts(
        s3_client=session,
        source_version="3.1",
        source_sha256=sha256,
        path_source_zip=folder / "source.zip",
        s3dir_lambda=s3dir_lambda,
        verbose=True,
    )
    result = lib.build_package_upload_source_artifacts(
        s3_client=session,
        dir_project_root=project,
        s3dir_lambda=s3dir_lambda,
        verbose=True,
        skip_prompt=True,
    )
    assert (result.source_sha256, result.s3path_source_zip.uri) == (sha256, place.uri)
    assert not result.is_new


def setuptools_project(root: Path) -> Path:
    (root / "src" / "shop").mkdir(parents=True)
    (root / "src" / "shop" / "__init__.py").write_text('__version__ = "3.1"\n')
    (root / "pyproject.toml").write_text(
        '[project]\nname = "shop"\ndynamic = ["version"]\nrequires-python = ">=3.10"\ndependencies = ["humanize"]\n\n'
        '[tool.setuptools.dynamic]\nversion = { attr = "shop.__version__" }\n\n'
        '[build-system]\nrequires = ["setuptools>=77"]\nbuild-backend = "setuptools.build_meta"\n'
    )
    return root


def test_pip_and_uv_make_the_same_source_zip(aws: EmbeddedAws, tmp_path: Path) -> None:
    """With a dynamic version, without dependencies, and nothing is left in the project but the build folder."""
    project, s3 = setuptools_project(tmp_path / "shop"), aws.client("s3")
    where = f"s3://{BUCKET}/sources/source"
    one = build_and_upload_source_using_pip(s3, project, where, verbose=False)
    other = build_and_upload_source_using_uv(s3, None, project, where, verbose=False)
    assert (one.source_version, one.is_new) == ("3.1", True)
    assert other == replace(one, is_new=False)
    assert {path.name for path in project.iterdir()} == {"src", "pyproject.toml", "build"}
    assert {path.name for path in (project / "build").iterdir()} == {"lambda"}
    assert {path.name for path in (project / "src").iterdir()} == {"shop"}


def test_a_version_from_git_is_found(tmp_path: Path) -> None:
    """Such a project is built where it lies: a copy has no history."""
    project = setuptools_project(tmp_path / "shop")
    path = project / "pyproject.toml"
    text = path.read_text().replace(
        '[tool.setuptools.dynamic]\nversion = { attr = "shop.__version__" }\n', "[tool.setuptools_scm]\n"
    )
    path.write_text(text.replace('"setuptools>=77"', '"setuptools>=77", "setuptools-scm>=8"'))
    (project / ".gitignore").write_text("*.egg-info\nbuild\n")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"], ["tag", "v2.5.0"]):
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *command], cwd=project, check=True)
    target = tmp_path / "built"
    lib.build_source_dir_using_uv(None, path, target, verbose=False)
    assert (target / "shop-2.5.0.dist-info").is_dir()
