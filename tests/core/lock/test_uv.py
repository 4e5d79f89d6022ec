"""The export of uv.lock, and the lock of a workspace."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.index.credentials import Credentials
from constructs_lib.core.lock.locked import LockOptions
from constructs_lib.core.lock.resolve import resolve
from constructs_lib.core.lock.uv import environment, find_lock
from constructs_lib.core.project.pyproject import Project
from tests.support.files.locks import TARGET, names
from tests.support.files.projects import lock, make_project

if TYPE_CHECKING:
    from pathlib import Path


def test_a_member_uses_the_lock_of_its_workspace(tmp_path: Path) -> None:
    """Uv keeps one lock for a workspace; a folder below a foreign lock is not taken for a member."""
    shop = make_project(tmp_path / "space" / "shop")
    (shop / "uv.lock").unlink()
    (tmp_path / "space" / "pyproject.toml").write_text('[tool.uv.workspace]\nmembers = ["shop"]\n')
    lock(tmp_path / "space")
    assert not (shop / "uv.lock").exists()
    resolution = resolve(Project.at(shop), TARGET)
    assert resolution.manifest.path == tmp_path / "space" / "uv.lock"
    assert [each.name for each in resolution.locked] == ["cart"]
    stranger = tmp_path / "space" / "stranger"
    stranger.mkdir()
    (stranger / "pyproject.toml").write_text('[project]\nname = "stranger"\nversion = "1"\n')
    with pytest.raises(ProjectError, match=r"stranger/uv\.lock does not exist"):
        names(stranger)


def test_uv_is_asked_like_this(project: Path, tool: Path) -> None:
    """The golden argument list."""
    (project / "uv.lock").write_text("version = 1\n")
    options = LockOptions(extras=("fast",), groups=("dev",), only_groups=("web",))
    assert names(project, options) == ["main"]
    assert (tool / "arguments").read_text().splitlines() == [
        "export",
        "--frozen",
        "--format=pylock.toml",
        "--no-emit-project",
        "--no-default-groups",
        "--no-header",
        "--quiet",
        "--extra=fast",
        "--group=dev",
        "--only-group=web",
    ]


def test_a_lock_above_that_cannot_be_read_is_one_line(project: Path, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "pyproject.toml").write_text("")
    (tmp_path / "uv.lock").write_bytes(b"\xff")
    with pytest.raises(ProjectError, match=r"uv\.lock is not UTF-8 at byte 0"):
        find_lock(Project.at(inner), "uv.lock")


def test_settings_for_daily_work_do_not_reach_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials do; the process's own environment is not touched."""
    monkeypatch.setenv("UV_LOCKED", "1")
    monkeypatch.setenv("UV_CACHE_DIR", "/cache")
    assert "UV_LOCKED" not in environment()
    assert environment()["UV_CACHE_DIR"] == "/cache"
    variables = environment([Credentials("corp", "https://host/simple", "bob", "secret-1")])
    assert variables["UV_INDEX_CORP_PASSWORD"] == "secret-1"
    assert "UV_INDEX_CORP_PASSWORD" not in os.environ
