"""The build tools and their lock files."""

from __future__ import annotations

import pytest

from constructs_lib.core.compat.build_tool import LayerBuildToolEnum


@pytest.mark.parametrize(
    ("tool", "manifest", "in_venv"),
    [("pip", "requirements.txt", False), ("poetry", "poetry.lock", True), ("uv", "uv.lock", True)],
)
def test_each_tool_has_a_lock_file_and_a_place_to_install(tool: str, manifest: str, in_venv: bool) -> None:
    """A tool is its name, so text may stand for it."""
    member = LayerBuildToolEnum(tool)
    assert member == tool
    assert (member.manifest_name, member.installs_into_venv) == (manifest, in_venv)
