"""The table of tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core import Credentials, LayerBuildToolEnum, LayerPathLayout, LockOptions, Target
from constructs_lib.core.compat.builders.builder_tools import TOOLS
from constructs_lib.core.errors import ProjectError

if TYPE_CHECKING:
    from pathlib import Path


def test_each_tool_has_one_row() -> None:
    """And the row's script lies where a container builder finds it."""
    assert list(TOOLS) == list(LayerBuildToolEnum)
    assert all(row.script.is_file() for row in TOOLS.values())


@pytest.mark.parametrize("tool", LayerBuildToolEnum)
def test_commands_are_those_of_the_tools_script(project: Path, tool: LayerBuildToolEnum) -> None:
    """On this machine and in a container one list is run."""
    layout = LayerPathLayout(project)
    commands = TOOLS[tool].commands("/bin/tool", "/bin/python", layout, ())
    assert commands[-1][0] == "/bin/tool"
    assert any("/bin/python" in argument for command in commands for argument in command)


@pytest.mark.parametrize("tool", LayerBuildToolEnum)
def test_credentials_are_values_of_variables(tool: LayerBuildToolEnum) -> None:
    """Their names hold no secret."""
    handed = TOOLS[tool].handed(Credentials("vault", "https://host/simple", "bob", "hunter22"))
    assert "hunter22" in "".join(handed.values())
    assert "hunter22" not in "".join(handed)


def test_what_the_reader_refuses_is_left_to_pip(project: Path) -> None:
    """Here pip itself installs, so that a line which no layer is built from is a warning; a password stays an error."""
    path = project.parent / "requirements.txt"
    path.write_text("demo==1.0 --config-settings=a=b\n")
    check = TOOLS[LayerBuildToolEnum.pip].check
    [warning] = check(LayerPathLayout(project), Target("3.12"), LockOptions())
    assert "requirements.txt:1: --config-settings is not allowed" in warning
    path.write_text("--index-url https://me:hunter22@host/simple\n")
    with pytest.raises(ProjectError, match="carries a user name or password"):
        check(LayerPathLayout(project), Target("3.12"), LockOptions())
