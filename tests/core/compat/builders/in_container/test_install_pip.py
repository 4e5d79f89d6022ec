"""Commands of the script for pip."""

from __future__ import annotations

from pathlib import Path

import pytest

from constructs_lib.core.compat.builders.in_container.install_pip import commands


@pytest.mark.parametrize(("line", "complete"), [("a==1 --hash=sha256:0", True), ("a==1", False)])
def test_a_file_with_hashes_is_complete(line: str, complete: bool, tmp_path: Path) -> None:
    """Pip then resolves nothing and enforces them."""
    (tmp_path / "requirements.txt").write_text(line)
    [command] = commands(["pip"], tmp_path, Path("/out"))
    assert command[:4] == ["pip", "install", "--requirement=requirements.txt", "--target=/out"]
    assert ("--no-deps" in command, "--require-hashes" in command) == (complete, complete)
