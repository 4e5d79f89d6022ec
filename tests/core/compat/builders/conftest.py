from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.system import process
from constructs_lib.core.system.docker.diagnosis import PROGRAM_VARIABLE
from tests.support.builders.fake_docker import FakeDocker

if TYPE_CHECKING:
    from pathlib import Path

_SETTINGS = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL")
PROGRAM = """\
#!{python} -ES
import json, os, pathlib, sys

with open({calls!r}, "a") as calls:
    print(json.dumps([pathlib.Path(sys.argv[0]).name, sys.argv[1:], os.getcwd(), dict(os.environ)]), file=calls)
for name in json.loads(pathlib.Path({state!r}).read_text()):
    path = pathlib.Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
"""


@dataclass(frozen=True)
class Call:
    program: str
    arguments: list[str]
    cwd: str
    env: dict[str, str]


class FakeTools:
    """Programs `pip`, `poetry` and `uv` that write down how they were called and leave `installs` behind."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.will_install([])
        for name in ("pip", "poetry", "uv"):
            program = PROGRAM.format(
                python=sys.executable, calls=str(folder / "calls"), state=str(folder / "state")
            )
            (folder / name).write_text(program)
            (folder / name).chmod(0o755)

    def will_install(self, files: list[Path]) -> None:
        (self.folder / "state").write_text(json.dumps([str(path) for path in files]))

    @property
    def calls(self) -> list[Call]:
        path = self.folder / "calls"
        rows: list[Any] = (
            [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        )
        return [Call(*row) for row in rows]

    @property
    def call(self) -> Call:
        """The only one."""
        [call] = self.calls
        return call


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeTools:
    """Let the builders find these programs instead of the real ones."""
    fake = FakeTools(tmp_path / "tools")
    monkeypatch.setattr(process, "find_tool", lambda name: str(fake.folder / name))
    return fake


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return the pyproject.toml of a project that all three tools have locked."""
    root = tmp_path / "shop"
    root.mkdir()
    (root / "pyproject.toml").write_text(
        '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.10"\n'
    )
    (root / "requirements.txt").write_text(f"cart==1.0 --hash=sha256:{'0' * 64}\n")
    (root / "poetry.lock").write_text('[[package]]\nname = "cart"\nversion = "1.0"\n')
    (root / "uv.lock").write_text(
        'version = 1\nrequires-python = ">=3.10"\n\n'
        '[[package]]\nname = "shop"\nversion = "1"\nsource = { virtual = "." }\n'
    )
    return root / "pyproject.toml"


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDocker:
    fake = FakeDocker(tmp_path / "engine")
    monkeypatch.setenv(PROGRAM_VARIABLE, str(fake.program))
    return fake


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this machine's proxies, indexes and authorities."""
    for name in os.environ:
        if name in _SETTINGS or name.startswith("PIP_") or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
