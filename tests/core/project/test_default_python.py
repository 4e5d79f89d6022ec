"""The Python of a project where nobody chose one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.aws_facts import NEWEST
from constructs_lib.core.project.default_python import default_python
from constructs_lib.core.project.pyproject import Project

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("pin", "version"),
    [
        (b"3.12", "3.12"),
        (b"3.12.4\n", "3.12"),
        (b"# ours\n\n3.11 # for now\n3.12\n", "3.11"),
        (b"cpython@3.12.1", "3.12"),
        (b"cpython-3.12", "3.12"),
        (b"python3.12", "3.12"),
        (b"3.8", NEWEST),
        (b"3.10", NEWEST),
        (b"3.12.4t", NEWEST),
        (b"pypy@3.11", NEWEST),
        (b"3", NEWEST),
        (b"our-environment", NEWEST),
        (b"\xff\xfe", NEWEST),
        (b"\0", NEWEST),
        (b"", NEWEST),
        (b"3.12" + b" " * 2000, "3.12"),
    ],
)
def test_the_pin_counts_first(tmp_path: Path, pin: bytes, version: str) -> None:
    """If Lambda has that Python and the project allows it; else `requires-python` and the table decide."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "a"\nrequires-python = ">=3.11"\n')
    (tmp_path / ".python-version").write_bytes(pin)
    choice = default_python(Project(tmp_path))
    assert choice.version == version
    pinned = "as .python-version has it"
    assert choice.reason == (pinned if version != NEWEST else "the newest that the project allows")


def test_without_a_pin_the_newest_counts(tmp_path: Path) -> None:
    """Also where a folder has the name of the file, or the project cannot be read."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "a"\nrequires-python = "<3.13"\n')
    assert default_python(Project(tmp_path)).version == "3.12"
    (tmp_path / ".python-version").mkdir()
    assert default_python(Project(tmp_path)).version == "3.12"
