"""The README's quick start and the tutorial run as they are printed, in an empty folder with an empty home."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.builders.uv import must, uv
from tests.support.pasted import Answer, blocks, paste

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tools.embedded_aws import EmbeddedAws

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
AWS_CLI = "awscli==1.46.3"
# What leads to an index on this machine, and the shared cache of CDK's unpacked modules, is no help for a reader.
_KEPT = (
    "PIP_",
    "UV_",
    "SSL_",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "npm_config_",
    "NPM_CONFIG_",
    "NODE_EXTRA",
)


@pytest.fixture(scope="module")
def env(aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Return the environment of a new user: an empty home, Python, Node.js, the AWS CLI and credentials."""
    folder = tmp_path_factory.mktemp("new-machine")
    (folder / "home").mkdir()
    must(uv("venv", f"--python={sys.executable}", str(folder / "awscli"), cwd=folder))
    must(uv("pip", "install", f"--python={folder / 'awscli'}", AWS_CLI, cwd=folder))
    programs = folder / "programs"
    programs.mkdir()
    own = Path(sys.executable).parent
    python = Path(getattr(sys, "_base_executable", sys.executable))
    found = {"python3": python, "aws": folder / "awscli" / "bin" / "aws"}
    for name, program in {**found, **{name: own / name for name in ("node", "npm", "npx")}}.items():
        (programs / name).symlink_to(program)
    kept = {name: value for name, value in os.environ.items() if name.startswith(_KEPT)}
    account = {
        name: value
        for name, value in aws.env.items()
        if name.startswith("AWS_") or name in ("NO_PROXY", "no_proxy")
    }
    return {
        **kept,
        **account,
        "HOME": str(folder / "home"),
        "PATH": os.pathsep.join([str(programs), "/usr/bin", "/bin"]),
        "LANG": "C.UTF-8",
        "CONSTRUCTS_LIB_TIMEOUT": "300",  # of `invoke`: a busy machine may need more than the usual three seconds
        "CI": "true",  # the cdk command line then prints lines instead of redrawing them
    }


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what git has of this checkout: no environment, nothing that was built."""
    folder = tmp_path_factory.mktemp("checkout") / "constructs_lib"
    folder.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(
        ROOT / "constructs_lib", folder / "constructs_lib", ignore=shutil.ignore_patterns("__pycache__")
    )
    return folder


def said(answers: list[Answer], command: str) -> str:
    [answer] = [answer for answer in answers if command in answer.block]
    return answer.text


def test_the_quick_start_ends_with_an_answer(
    checkout: Path, env: Mapping[str, str], aws: EmbeddedAws, record_property: Callable[[str, object], None]
) -> None:
    """Every block is pasted as it is; the function answers what the page prints; at the end nothing is left."""
    answers = paste(blocks(ROOT / "README.md", "Quick start"), checkout, env)
    for answer in answers:
        record_property(answer.block.splitlines()[0], f"{answer.seconds:.1f} s")
    expected = '"Hello! A layer may have 262.1 MB, with your code."'
    assert expected in said(answers, "lambda invoke")
    assert f"The answer is `{expected}`" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert aws.client("lambda").list_layers()["Layers"] == []
    assert not (Path(env["HOME"]) / "hello").exists()


@pytest.mark.wide  # the same commands as in the quick start, twice
def test_the_tutorial_ends_with_an_answer(checkout: Path, env: Mapping[str, str], aws: EmbeddedAws) -> None:
    """A second version, the first one again without a new one, and nothing left at the end.

    The first block installs as the quick start's does, which the test above runs; here the installation of these tests
    takes its place.
    """
    install, *rest = blocks(ROOT / "docs" / "tutorial.md")
    quick = blocks(ROOT / "README.md", "Quick start")[0]
    assert install == quick.replace("hello", "tutorial").replace("[cdk]", "[cdk,cli]")
    installed = "\n".join(
        (
            "mkdir ~/tutorial && cd ~/tutorial",
            f"ln -s '{Path(sys.executable).parent.parent}' .venv && . .venv/bin/activate",
            f"ln -s '{ROOT}/tools/cdk/node_modules' node_modules\n",
        )
    )
    answers = paste([installed, *rest], checkout, env)
    invoked = [answer.text for answer in answers if "lambda invoke" in answer.block]
    first = '{"quote": "The 1st of many", "layer": ["humanize"]}'
    assert [first in text for text in invoked] == [True, False, True]
    assert '"layer": ["humanize", "tabulate"]' in invoked[1]
    assert [re.findall(r"LayerArn = \S+:(\d+)", text) for text in invoked] == [["1"], ["2"], ["1"]]
    assert aws.client("lambda").list_layers()["Layers"] == []
    buckets = [bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"]]
    assert [name for name in buckets if not name.startswith("cdk-")] == []


def test_the_first_steps_of_the_start_page(checkout: Path, env: Mapping[str, str]) -> None:
    """Without an AWS account a layer is built, inspected and used."""
    answers = paste(blocks(ROOT / "docs" / "index.md"), checkout, env)
    assert '"Hello Ada, for the 3rd time!"' in answers[-1].text
    # The picture of a terminal shows what is printed, but for figures, which differ from day to day.
    printed = {figureless(line) for answer in answers for line in answer.text.splitlines()}
    transcript = (ROOT / "docs" / "images" / "terminal.txt").read_text(encoding="utf-8").splitlines()
    shown = [line for line in transcript if line and not line.startswith("$")]
    assert [line for line in shown if figureless(line) not in printed] == []


def figureless(line: str) -> str:
    """Return the line with its figures, hashes and columns made alike."""
    return " ".join(re.sub(r"\b[0-9a-f]{64}\b|\d+(\.\d+)*", "#", line).replace("─", "").split())
