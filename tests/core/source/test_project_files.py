from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.source.project_files import project_files
from constructs_lib.core.source.source_options import SourceOptions
from tests.support.files.sources import write_files
from tests.support.files.wheels import wheel_bytes, wheel_of

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.wheels.wheel import Wheel

PACKAGE = '[project]\nname = "demo"\nversion = "1"\n[build-system]\nrequires = []\n'


def no_build() -> Wheel:
    raise AssertionError


def test_a_package_has_the_files_of_its_wheel(tmp_path: Path) -> None:
    """Whatever else is in its folder."""
    root = write_files(tmp_path, {"pyproject.toml": PACKAGE, "x.py": ""})
    wheel = wheel_of(wheel_bytes(files={"demo/__init__.py": b""}))
    files = project_files(Project.at(root), SourceOptions(), tmp_path / "out.zip", lambda: wheel)
    assert files.wheel is wheel
    assert files.version == "1.0"
    assert "demo/__init__.py" in {entry.name for entry in files.entries}
    assert "x.py" not in {entry.name for entry in files.entries}


def test_a_project_without_a_backend_is_copied(tmp_path: Path) -> None:
    root = write_files(tmp_path, {"pyproject.toml": '[project]\nname = "demo"\nversion = "2"\n', "x.py": ""})
    files = project_files(Project.at(root), SourceOptions(exclude=["*.toml"]), tmp_path / "out.zip", no_build)
    assert (files.wheel, files.version) == (None, "2")
    assert [entry.name for entry in files.entries] == ["x.py"]


def test_nothing_to_deploy_is_an_error(tmp_path: Path) -> None:
    root = write_files(tmp_path, {"pyproject.toml": '[project]\nname = "demo"\nversion = "2"\n', "x.py": ""})
    with pytest.raises(ProjectError, match=r"exclude=\['\*'\] leave nothing"):
        project_files(Project.at(root), SourceOptions(exclude=["*"]), tmp_path / "out.zip", no_build)
