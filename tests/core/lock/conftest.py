from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.files.locks import PYLOCK

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1"\n')
    return tmp_path


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a stand-in for uv and poetry on PATH that writes down its arguments and prints `answer.toml`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = f'#!/bin/sh\nprintf "%s\\n" "$@" >> "{folder}/arguments"\nexec cat "{folder}/answer.toml"\n'
    for name in ("uv", "poetry", "python"):
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)
    (folder / "answer.toml").write_text(PYLOCK)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    return folder
