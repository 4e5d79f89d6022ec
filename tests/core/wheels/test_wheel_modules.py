"""A wheel without any module, of a project that has some."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.wheels.build_inputs import BuildInputs
from constructs_lib.core.wheels.wheel_modules import own_modules, refuse_without_module
from tests.support.files.sources import write_files
from tests.support.files.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Sequence


def refuse(root: Path, *members: str, exclude: Sequence[str] | None = None) -> None:
    wheel = make_wheel(root.parent / "out", "app", files=dict.fromkeys(members, b""))
    refuse_without_module(wheel, BuildInputs(root, None, exclude, None))


def test_a_wheel_of_data_alone_is_refused_if_the_project_has_modules(tmp_path: Path) -> None:
    """With the number, an example and the remedy."""
    root = write_files(tmp_path / "app", {"pyproject.toml": "", "src/app/main.py": "", "src/app/b.py": ""})
    with pytest.raises(
        ProjectError, match=r"without any module .* has 2, among them src/app/b.py: check"
    ) as caught:
        refuse(root, "app/data.json")
    assert caught.value.id == "build-result-empty"
    refuse(root, "app/main.py")
    refuse(root, "app/_fast.so")
    refuse(root, "app/data.json", exclude=["*.py"])


def test_modules_that_git_ignores_are_the_reason(tmp_path: Path) -> None:
    """Many ignore files have `lib/`."""
    root = write_files(tmp_path / "app", {"pyproject.toml": "", ".gitignore": "lib/\n", "lib/main.py": ""})
    with pytest.raises(
        ProjectError, match=r"among them lib/main.py: git ignores them all: correct .gitignore$"
    ):
        refuse(root)


@pytest.mark.parametrize(
    "name",
    [
        "setup.py",
        "conftest.py",
        "tests/test_a.py",
        "docs/conf.py",
        ".github/a.py",
        "member/src/m.py",
        "a.txt",
    ],
)
def test_what_no_wheel_needs_is_no_module(name: str) -> None:
    """A project of metadata alone is legal, and members of a workspace have wheels of their own."""
    assert own_modules([Path("pyproject.toml"), Path("member/pyproject.toml"), Path(name)]) == []


def test_a_module_at_the_top_and_a_package_of_any_depth_count() -> None:
    names = ["app.py", "src/app/__init__.py", "a/b/c/setup2.py"]
    assert own_modules(map(Path, names)) == list(map(Path, names))
