"""The documentation's `constructs-lib` commands run as they are printed, one after another, on an embedded AWS."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.builders.hosts import OWN
from tests.support.files.projects import make_project
from tools.embedded_aws import REGION, EmbeddedAws

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BUCKET = "my-artifacts"
WEB_APP = """\
async def app(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["path"].encode()})
"""


def commands(page: Path) -> list[str]:
    lines = (
        line.partition("  #")[0] for block in _BLOCK.findall(page.read_text()) for line in block.splitlines()
    )
    return [line.strip() for line in lines if line.startswith("constructs-lib ")]


# These bring their own projects: tests/integration/test_quick_start.py pastes them.
PASTED = {ROOT / "docs" / "index.md", ROOT / "docs" / "tutorial.md"}
PAGES = [page for page in sorted((ROOT / "docs").rglob("*.md")) if page not in PASTED and commands(page)]
# Configuration of other tools names what the page's commands have written.
_NAMED = re.compile(r'[ "](build/greeter/[a-z]+\.zip)')


@pytest.fixture(scope="module")
def _bucket(aws: EmbeddedAws) -> None:
    aws.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})


@pytest.fixture
def env(aws: EmbeddedAws, _bucket: None, tmp_path: Path) -> Mapping[str, str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {
        **aws.env,
        "PATH": path,
        "CONSTRUCTS_LIB_STORE": str(tmp_path / "store"),
        "CONSTRUCTS_LIB_TIMEOUT": "300",  # of `invoke`: a busy machine may need more than the usual three seconds
    }


@pytest.mark.parametrize("page", PAGES, ids=[f"{page.parent.name}-{page.stem}" for page in PAGES])
def test_every_command_of_a_page_runs(page: Path, env: Mapping[str, str], tmp_path: Path) -> None:
    make_project(tmp_path / "greeter")
    shop = make_project(tmp_path / "shop")
    (shop / "src" / "shop" / "web.py").write_text(WEB_APP)
    for command in commands(page):
        if " invoke " in command:  # the Python that this machine has for sure
            command = command.replace("--python 3.13", f"--python {OWN}")  # noqa: PLW2901
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
    named = _NAMED.findall(page.read_text(encoding="utf-8"))
    assert [name for name in named if not (tmp_path / name).is_file()] == []


def test_there_are_commands() -> None:
    assert "command-line" in {page.stem for page in PAGES}


def test_the_variables_of_the_docker_page_are_enough(tmp_path: Path) -> None:
    """With those that its image sets, a layer is built where no home can be written; without them it is not."""
    page = (ROOT / "docs" / "guides" / "docker.md").read_text(encoding="utf-8")
    [line] = re.findall(r"(?m)^ENV (.+)$", page)
    names = [assignment.partition("=")[0] for assignment in line.split()]
    make_project(tmp_path / "greeter")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    bare = {"PATH": path, "HOME": "/proc/no-home"}
    command = ["constructs-lib", "build", "greeter", "--python", "3.13"]
    codes = []
    for chosen in ({}, {name: str(tmp_path / name) for name in names}):
        done = subprocess.run(
            command, cwd=tmp_path, env={**bare, **chosen}, capture_output=True, text=True, check=False
        )
        codes.append(done.returncode)
    assert codes == [1, 0]
