"""The unpacking of layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.archive.extract import extract_all
from tests.support.files.wheels import Member, zip_bytes

if TYPE_CHECKING:
    from pathlib import Path


def test_a_program_can_be_started(tmp_path: Path) -> None:
    """Modes are those of the zip; one without any stays as the system makes files."""
    members = {"bin/run": 0o100755, "lib/a.py": 0o100644, "plain": 0}
    content = zip_bytes((name, Member(name.encode(), mode)) for name, mode in members.items())
    (tmp_path / "a.zip").write_bytes(content)
    extract_all(tmp_path / "a.zip", tmp_path / "opt")
    modes = {name: (tmp_path / "opt" / name).stat().st_mode & 0o777 for name in members}
    assert (modes["bin/run"], modes["lib/a.py"], modes["plain"] & 0o111) == (0o755, 0o644, 0)
