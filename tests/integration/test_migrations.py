"""The pages about other tools: what they show as "before" runs with that tool, what they show as "after" gives the same files."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from constructs_lib.core import LayerOptions, LockOptions, Target, build_layer
from tests.integration.test_docs_commands import commands
from tests.support.builders.hosts import OWN
from tests.support.builders.uv import must, uv
from tests.support.files.projects import make_project
from tools.embedded_aws import REGION, EmbeddedAws

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "migrate"
SAM = "aws-sam-cli==1.170.0"
POETRY = ("poetry==2.5.1", "poetry-plugin-lambda-build==2.1.2")
ALPHA = "aws-cdk-aws-lambda-python-alpha==2.275.0a0"
HERE = Target(OWN)


def block(page: str, kind: str, holding: str) -> str:
    """Return the page's only block of this kind that holds a text."""
    text = (PAGES / page).read_text(encoding="utf-8")
    fences = re.findall(r"(?ms)^```(\w*)\n(.*?)^```$", text)
    [found] = [body for language, body in fences if language == kind and holding in body]
    return str(found)


def installed(folder: Path, *requirements: str) -> Path:
    """Make an environment with these tools; return its folder of programs."""
    must(uv("venv", f"--python={sys.executable}", str(folder), cwd=folder.parent))
    must(uv("pip", "install", f"--python={folder}", *requirements, cwd=folder.parent))
    return folder / "bin"


def with_programs(*folders: Path, **more: str) -> dict[str, str]:
    own = Path(sys.executable).parent
    return {**os.environ, "PATH": os.pathsep.join([*map(str, folders), str(own), os.environ["PATH"]]), **more}


def run(command: str, folder: Path, env: Mapping[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-euc", command], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def contents(archive: Path) -> dict[str, str]:
    """Return each file's hash, without what an installer writes about its own work."""
    with zipfile.ZipFile(archive) as opened:
        return {
            name: hashlib.sha256(opened.read(name)).hexdigest()
            for name in opened.namelist()
            if not name.endswith(("/", "RECORD", "INSTALLER", "REQUESTED", "direct_url.json"))
            and "__pycache__" not in name
        }


def test_a_folder_of_pip_has_the_files_of_our_layer(tmp_path: Path) -> None:
    """The zip of pip's folder is another file after each build of the same input; ours is the same, with the same files in it."""
    greeter = make_project(tmp_path / "greeter")
    (greeter / "uv.lock").unlink()
    (greeter / "requirements.txt").write_text("./vendor/cart-1.0-py3-none-any.whl\n")
    before = block("pip-target.md", "", "pip install --target").splitlines()[:2]
    zips = []
    for number in range(2):
        folder = tmp_path / f"build-{number}"
        shutil.copytree(greeter, folder)
        run("\n".join(before), folder, with_programs())
        # A zip counts time in steps of two seconds: the second build is of another time for sure.
        if number == 1:
            run(
                "find build/python -exec touch -d '1 minute' {} + && rm build/layer.zip && cd build && zip -qr layer.zip python",
                folder,
                with_programs(),
            )
        zips.append(folder / "build" / "layer.zip")
    ours = [build_layer(greeter, tmp_path / f"{number}.zip", HERE) for number in range(2)]
    assert zips[0].read_bytes() != zips[1].read_bytes()
    assert ours[0].archive.sha256 == ours[1].archive.sha256
    assert contents(tmp_path / "0.zip") == contents(zips[0])


def test_poetrys_plugin_has_the_files_of_our_layer(tmp_path: Path) -> None:
    """With the page's table `poetry build-lambda` makes a layer of the same files; ours needs no Poetry."""
    programs = installed(tmp_path / "tools", *POETRY)
    greeter = make_project(tmp_path / "greeter")
    (greeter / "uv.lock").unlink()
    manifest = (greeter / "pyproject.toml").read_text().partition("[tool.uv.sources]")[0]
    manifest = manifest.replace('"cart"', '"cart @ file:///DIR/vendor/cart-1.0-py3-none-any.whl"').replace(
        "/DIR", str(greeter)
    )
    table = block("poetry-plugin.md", "toml", "layer-artifact-path")
    (greeter / "pyproject.toml").write_text(manifest + table)
    env = with_programs(programs)
    run("poetry lock", greeter, env)
    run(block("poetry-plugin.md", "", "poetry build-lambda"), greeter, env)
    build_layer(greeter, tmp_path / "ours.zip", HERE, LayerOptions(LockOptions("poetry")))
    theirs = contents(greeter / "artifacts" / "layer.zip")
    assert theirs.pop("python/checksum"), "the plugin's note about its own work"
    assert contents(tmp_path / "ours.zip") == theirs


def test_sam_builds_before_and_uploads_our_zips_after(aws: EmbeddedAws, tmp_path: Path) -> None:
    """`sam build` of the page's first template has our files; of the second one SAM uploads our zips, byte for byte."""
    programs = installed(tmp_path / "tools", SAM)
    env = with_programs(programs, **aws.env, SAM_CLI_TELEMETRY="0")
    env["PATH"] = with_programs(programs)["PATH"]
    greeter = make_project(tmp_path / "greeter")
    (tmp_path / "deps").mkdir()
    (tmp_path / "deps" / "requirements.txt").write_text(f"{greeter}/vendor/cart-1.0-py3-none-any.whl\n")
    # SAM builds with a Python of the function's version: the one that runs here.
    before = block("sam.md", "yaml", "BuildMethod").replace("python3.13", f"python{OWN}")
    (tmp_path / "template.yaml").write_text(before)
    run("sam build", tmp_path, env)
    built = tmp_path / ".aws-sam" / "build" / "Deps" / "python"
    theirs = {str(path.relative_to(built)) for path in built.rglob("*.py")}

    for command in commands(PAGES / "sam.md"):
        run(command, tmp_path, env)
    with zipfile.ZipFile(tmp_path / "build" / "greeter" / "layer.zip") as ours:
        names = {name.removeprefix("python/") for name in ours.namelist() if name.endswith(".py")}
    assert theirs == names != set()

    (tmp_path / "template.yaml").write_text(block("sam.md", "yaml", "build/greeter/layer.zip"))
    shutil.rmtree(tmp_path / ".aws-sam")
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="sam-uploads", CreateBucketConfiguration={"LocationConstraint": REGION})
    run("sam package --s3-bucket sam-uploads --output-template-file packaged.yaml", tmp_path, env)
    packaged = yaml.load((tmp_path / "packaged.yaml").read_text(), Loader=_Template)["Resources"]  # noqa: S506 - safe
    for resource, key, name in (("Deps", "ContentUri", "layer.zip"), ("Greeter", "CodeUri", "source.zip")):
        _, _, path = packaged[resource]["Properties"][key].removeprefix("s3://").partition("/")
        uploaded = s3.get_object(Bucket="sam-uploads", Key=path)["Body"].read()
        assert uploaded == (tmp_path / "build" / "greeter" / name).read_bytes()


_Template: Any = type("_Template", (yaml.SafeLoader,), {})
"""Reads CloudFormation's short functions as plain values."""


_Template.add_multi_constructor("!", lambda _loader, _suffix, node: node.value)


def test_the_apps_before_and_after_have_the_same_functions(tmp_path: Path) -> None:
    """The page's app with `aws_lambda_python_alpha` is valid, and its functions are those of the app after it."""
    site = tmp_path / "alpha"
    must(
        uv(
            "pip",
            "install",
            f"--python={sys.executable}",
            "--no-deps",
            f"--target={site}",
            ALPHA,
            cwd=tmp_path,
        )
    )
    make_project(tmp_path / "greeter")
    (tmp_path / "greeter" / "src" / "greeter").mkdir()
    (tmp_path / "greeter" / "src" / "greeter" / "__init__.py").write_text(
        "def handler(event, context): ...\n"
    )
    found = []
    for number, kind in enumerate(("py", "python")):
        page = block("python-alpha.md", kind, "app = App()")
        # `aws_cdk` is one package on two paths; the context leaves out Docker, and with it the content.
        path = "import aws_cdk; aws_cdk.__path__.append(__import__('sys').argv[1] + '/aws_cdk')\n"
        (tmp_path / f"app-{number}.py").write_text(path + page)
        out = tmp_path / f"out-{number}"
        env = {
            **with_programs(),
            "CDK_OUTDIR": str(out),
            "CDK_CONTEXT_JSON": '{"aws:cdk:bundling-stacks": []}',
        }
        run(f"{sys.executable} app-{number}.py {site}", tmp_path, env)
        template = json.loads((out / "Greeter.template.json").read_text())
        functions = [
            row["Properties"]
            for name, row in template["Resources"].items()
            if row["Type"] == "AWS::Lambda::Function" and name.startswith(("Greeter", "Alone"))
        ]
        found.append(
            [
                (row["Runtime"], row["Handler"].rpartition(".")[2], len(row.get("Layers", [])))
                for row in functions
            ]
        )
    assert found[0] == found[1] == [("python3.13", "handler", 1), ("python3.13", "handler", 0)]
