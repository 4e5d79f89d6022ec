"""The builders as functions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import constructs_lib.core as lib
from constructs_lib.core import LayerBuildToolEnum, LayerPathLayout

if TYPE_CHECKING:
    from tests.core.compat.builders.conftest import FakeTools
    from tests.support.builders.fake_docker import FakeDocker

ALL = [tool.value for tool in LayerBuildToolEnum]


@pytest.mark.parametrize("tool", ALL)
def test_a_local_build_is_the_builders(tools: FakeTools, project: Path, tool: str) -> None:
    """By that tool."""
    layout = LayerPathLayout(project)
    tools.will_install([layout.dir_repo / ".venv" / "lib" / "python3.12" / "site-packages" / "cart.py"])
    getattr(lib, f"build_layer_artifacts_using_{tool}_in_local")(project, None, True)
    assert Path(tools.call.program).name == tool


@pytest.mark.parametrize("tool", ALL)
def test_a_build_in_a_container_is_the_builders(docker: FakeDocker, project: Path, tool: str) -> None:
    """For the Python and CPU that are given; the engine is a stand-in, so that only pip's tree is complete."""
    build = getattr(lib, f"build_layer_artifacts_using_{tool}_in_container")
    if tool == "pip":
        build(project, 3, 12, False)
    else:
        with pytest.raises(FileNotFoundError, match="build the layer first"):
            build(project, 3, 12, False)
    assert "public.ecr.aws/sam/build-python3.12:latest-x86_64" in docker.ran.arguments
