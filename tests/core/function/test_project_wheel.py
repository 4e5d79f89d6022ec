"""The wheel of a function's own project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.function.function_options import FunctionOptions
from constructs_lib.core.function.project_wheel import build_project_wheel
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.target import Target
from constructs_lib.core.wheels.wheel_source import WheelSource
from tests.support.files.projects import make_project

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.wheels.wheel import Wheel


def wheel_of(root: Path, store: WheelStore, **options: Any) -> Wheel:
    source = WheelSource(Target("3.13"), store)
    return build_project_wheel(Project.at(root), FunctionOptions(**options), source)


def test_it_is_the_projects_own(tmp_path: Path, store: WheelStore) -> None:
    wheel = wheel_of(make_project(tmp_path / "shop"), store)
    assert (wheel.name, wheel.version, wheel.built_here) == ("shop", "1.2.3", True)


@pytest.mark.parametrize(
    ("options", "remedy"),
    [({}, ""), ({"exclude": ["tests/"], "container": True}, "leave include and exclude out, and ")],
    ids=["no container", "patterns"],
)
def test_a_project_with_extension_modules_needs_a_container(
    tmp_path: Path, store: WheelStore, options: dict[str, Any], remedy: str
) -> None:
    """Patterns are for builds on this machine alone, so with them the remedy is to leave them out."""
    root = make_project(tmp_path / "shop")
    text = (root / "pyproject.toml").read_text().replace("uv_build>=0.9", "setuptools")
    (root / "pyproject.toml").write_text(text.replace('"uv_build"', '"setuptools.build_meta"'))
    (root / "a.c").write_text("int PyInit_a(void) { return 0; }\n")
    (root / "setup.py").write_text(
        "from setuptools import Extension, setup\nsetup(ext_modules=[Extension('a', ['a.c'])])\n"
    )
    with pytest.raises(ProjectError, match="declares extension modules") as caught:
        wheel_of(root, store, **options)
    assert f": {remedy}let it be built in a container: container=True (" in str(caught.value)
