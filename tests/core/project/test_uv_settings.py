"""The settings of [tool.uv] under normalized names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.markers import Marker

from constructs_lib.core.project.pyproject import read_pyproject
from constructs_lib.core.project.uv_settings import DependencySource
from tests.support.files.toml import write_toml

if TYPE_CHECKING:
    from pathlib import Path


def test_settings(tmp_path: Path) -> None:
    """Keys that nothing here needs may have any shape: uv decides about them."""
    settings = {
        "constraint-dependencies": ["aa<2"],
        "override-dependencies": [
            "bb==1",
            {"package": {"name": "A_a"}, "dependencies": ["bb==2"]},
            {"package": {"name": "a-a", "version": "1.0"}, "dependencies": ["bb==3"]},
        ],
        "sources": {
            "A_a": {"git": "https://host/aa", "tag": "1", "editable": 3},
            "bb": [{"path": "../bb", "marker": "os_name == 'nt'"}, {"url": "https://host/bb.whl"}],
            "cc": {"workspace": True},
            "dd": {"index": "corp"},
        },
        "workspace": 3,
        "index": "x",
    }
    uv = read_pyproject(write_toml(tmp_path / "pyproject.toml", {"tool": {"uv": settings}})).uv
    assert [*map(str, uv.constraints)] == ["aa<2"]
    overrides = {scope: [*map(str, requirements)] for scope, requirements in uv.overrides.items()}
    assert overrides == {"": ["bb==1"], "a-a": ["bb==2"], "a-a==1.0": ["bb==3"]}
    assert uv.sources == {
        "a-a": (DependencySource(git="https://host/aa", git_options={"tag": "1"}),),
        "bb": (
            DependencySource(Marker("os_name == 'nt'"), path="../bb"),
            DependencySource(url="https://host/bb.whl"),
        ),
        "cc": (DependencySource(is_workspace=True),),
        "dd": (DependencySource(index_name="corp"),),
    }


def test_no_settings(tmp_path: Path) -> None:
    uv = read_pyproject(write_toml(tmp_path / "pyproject.toml", {})).uv
    assert (uv.constraints, uv.overrides, uv.sources) == ((), {}, {})
