"""Commands of the script for pip."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.compat.builders.in_container import install_pip
from constructs_lib.core.compat.builders.in_container.install_pip import commands

if TYPE_CHECKING:
    from tests.core.compat.builders.conftest import FakeTools


@pytest.mark.parametrize(("line", "complete"), [("a==1 --hash=sha256:0", True), ("a==1", False)])
def test_a_file_with_hashes_is_complete(line: str, complete: bool, tmp_path: Path) -> None:
    """Pip then resolves nothing and enforces them."""
    (tmp_path / "requirements.txt").write_text(line)
    [command] = commands(["pip"], tmp_path, Path("/out"))
    assert command[:4] == ["pip", "install", "--requirement=requirements.txt", "--target=/out"]
    assert ("--no-deps" in command, "--require-hashes" in command) == (complete, complete)


def test_the_images_pip_is_used(tools: FakeTools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That of the Python which runs the script, without a cache that nobody reads again."""
    (tmp_path / "requirements.txt").write_text("a==1")
    monkeypatch.setattr(install_pip, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "executable", str(tools.folder / "pip"))
    install_pip.main()
    assert tools.call.arguments[:3] == ["-m", "pip", "install"]
    assert f"--target={tmp_path}/build/lambda/layer/artifacts/python" in tools.call.arguments
    assert tools.call.env["PIP_NO_CACHE_DIR"] == "1"
