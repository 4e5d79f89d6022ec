"""Fetched trees in errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.wheels.fetched_tree import shown_as


@pytest.mark.parametrize("kind", [ProjectError, ToolError])
def test_an_error_names_the_dependency(kind: type[ProjectError | ToolError]) -> None:
    """Of each kind, with the same id."""
    root = Path("/tmp/x/git/demo")
    with (
        pytest.raises(kind, match=r"^demo from git/pyproject\.toml, not demo from git/a$") as caught,
        shown_as("demo from git", root / "sub", root),
    ):
        raise kind("x-invalid", f"{root}/sub/pyproject.toml, not {root}/a")
    assert caught.value.id == "x-invalid"
