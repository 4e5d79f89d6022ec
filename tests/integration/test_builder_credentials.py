"""Passwords of private indexes reach the tool that a builder starts, and nothing else."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from typing import TYPE_CHECKING, Any

import pytest

import constructs_lib.core as lib
from constructs_lib.core import Credentials, Target
from constructs_lib.core.errors import ToolError
from constructs_lib.core.system import process
from tests.support.builders.builders import TOOLS, contents, local_builder, poetry_lock, zipped
from tests.support.builders.hosts import OWN
from tests.support.builders.uv import must, uv
from tests.support.files.wheels import unpacked, wheel_bytes, wheel_name
from tests.support.index.simple_index import Index, running_index

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

pytestmark = pytest.mark.integration

USER, CANARY = "bob", "pa:ss@wo/rd%41#?"
PRIVATE = """\
[project]
name = "shop"
version = "1.0.0"
requires-python = ">=3.10,<4"
dependencies = ["cart"]

[tool.uv]
package = false

[[tool.uv.index]]
name = "big-vault"
url = "INDEX"
default = true

[tool.poetry]
package-mode = false

[[tool.poetry.source]]
name = "big-vault"
url = "INDEX/"
priority = "primary"
"""


@pytest.fixture
def index() -> Iterator[Index]:
    with running_index() as running:
        running.add(wheel_name("cart"), wheel_bytes("cart"))
        yield running


@pytest.fixture
def private(tool: str, tmp_path: Path, index: Index, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project whose only package is behind a password, locked for the tool."""
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))
    monkeypatch.setenv("POETRY_CACHE_DIR", str(tmp_path / "poetry-cache"))
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    root = tmp_path / "private"
    root.mkdir()
    (root / "pyproject.toml").write_text(PRIVATE.replace("INDEX", index.simple))
    must(uv("lock", "--quiet", f"--python={sys.executable}", cwd=root))
    must(uv("export", "--quiet", "--frozen", "--no-emit-project", "--output-file=requirements.txt", cwd=root))
    if tool == "poetry":  # a second each time
        poetry_lock(root)
    for cache in ("uv-cache", "poetry-cache"):
        shutil.rmtree(tmp_path / cache, ignore_errors=True)
    index.credentials = f"{USER}:{CANARY}"
    return root


@pytest.mark.parametrize("tool", TOOLS)
def test_credentials_reach_the_tool_and_nothing_else(
    private: Path, index: Index, tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the argument lists, the lines that are said, this process's environment, or any file that stays."""
    said: list[str] = []
    commands: list[Sequence[str]] = []
    real = process.run

    def run(command: Sequence[str], **rest: Any) -> str:
        commands.append(command)
        return real(command, **rest)

    monkeypatch.setattr(process, "run", run)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    environment = dict(os.environ)
    credentials = Credentials("big-vault", index.simple, USER, CANARY)
    kind = getattr(lib, f"{tool.capitalize()}BasedLambdaLayerLocalBuilder")
    kind(private / "pyproject.toml", credentials, printer=said.append).run()
    path = zipped(private, tool, Target(OWN))
    assert "python/cart.py" in unpacked(path)
    assert index.asked[wheel_name("cart")] >= 1
    assert os.environ == environment
    assert list(scratch.iterdir()) == []
    traces = [*said, repr(commands), *(content.decode("latin-1") for content in contents(private).values())]
    assert not [trace for trace in traces if CANARY in trace or "wo%2Frd" in trace]


@pytest.mark.parametrize("tool", TOOLS)
def test_a_wrong_password_is_no_secret_told(
    private: Path, index: Index, tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says what failed, without the password that was tried."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = {entry.name for entry in tmp_path.iterdir()}
    credentials = Credentials("big-vault", index.simple, USER, "tweety/#?@:%")
    with pytest.raises(ToolError) as caught:
        local_builder(tool, private, sys.executable, credentials=credentials).run()
    assert "tweety" not in str(caught.value)
    assert {entry.name for entry in tmp_path.iterdir()} <= {*before, "uv-cache", "poetry-cache"}
