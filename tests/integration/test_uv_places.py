"""Which lock file and which uv: lines whose remedies help."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.lock.resolve import resolve
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.target import Target
from tests.support.builders.uv import must, uv
from tests.support.files.lock_shapes import toml
from tests.support.files.sources import write_files
from tests.support.files.wheels import wheel_bytes, wheel_name
from tests.support.index.simple_index import Index, running_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

MEMBER = "space/mid/app"


@pytest.fixture
def index() -> Iterator[Index]:
    with running_index() as index:
        index.add(wheel_name("aa", "1.0"), wheel_bytes("aa", "1.0", {"aa.py": b""}))
        yield index


def lock(folder: Path, index: Index) -> None:
    must(
        uv("lock", f"--python={sys.executable}", f"--default-index={index.simple}", "--no-cache", cwd=folder)
    )


def names(folder: Path) -> list[str]:
    return [package.name for package in resolve(Project.at(folder), Target("3.12")).locked]


@pytest.fixture
def member(tmp_path: Path, index: Index) -> Path:
    """Return a member of a workspace, below a project that is none; uv looks no further up than there."""
    write_files(
        tmp_path,
        {
            "space/pyproject.toml": f'[tool.uv.workspace]\nmembers = ["{MEMBER.removeprefix("space/")}"]\n',
            "space/mid/pyproject.toml": toml("mid", ""),
            f"{MEMBER}/pyproject.toml": toml("app"),
        },
    )
    lock(tmp_path / "space", index)
    return tmp_path / MEMBER


def test_a_workspace_that_uv_does_not_see_is_named(member: Path, tmp_path: Path, index: Index) -> None:
    """And with a lock of its own the member has an answer."""
    with pytest.raises(ProjectError) as caught:
        names(member)
    assert caught.value.id == "workspace-hidden"
    assert str(caught.value).startswith(
        f"{member} is a member in {tmp_path}/space/uv.lock, but uv does not see that workspace from there: it looks no "
        f"further up than {tmp_path}/space/mid/pyproject.toml."
    )
    lock(member, index)
    assert (member / "uv.lock").is_file()  # uv does not see the workspace either
    assert names(member) == ["aa"]


def test_a_member_that_moved_out_is_seen(member: Path, tmp_path: Path, index: Index) -> None:
    moved = tmp_path / "space" / "app"
    member.rename(moved)
    (tmp_path / "space" / "pyproject.toml").write_text('[tool.uv.workspace]\nmembers = ["app"]\n')
    (tmp_path / "space" / "uv.lock").unlink()
    lock(tmp_path / "space", index)
    assert names(moved) == ["aa"]


def test_any_pyproject_in_between_hides_a_workspace(member: Path) -> None:
    """Also one of linters alone, as uv has it; without one the workspace is seen."""
    path = member.parent / "pyproject.toml"
    path.write_text("[tool.ruff]\nline-length = 100\n")
    with pytest.raises(ProjectError, match="does not see that workspace"):
        names(member)
    assert "Unable to find lockfile" in uv("export", "--frozen", cwd=member).stderr
    path.unlink()
    assert names(member) == ["aa"]


def test_a_uv_that_is_not_required_is_named_with_its_place(tmp_path: Path, index: Index) -> None:
    """The line says which uv is used; with another `required-version` it is one."""
    text = toml("shop", '"aa"')
    write_files(tmp_path, {"shop/pyproject.toml": text})
    lock(tmp_path / "shop", index)
    path = tmp_path / "shop" / "pyproject.toml"
    path.write_text(f'{text}[tool.uv]\nrequired-version = ">=0.1,<0.2"\n')
    with pytest.raises(
        ToolError, match=r"takes uv >=0\.1, <0\.2 .*this environment has uv \d[\d.]+ \(/.*uv\)"
    ) as caught:
        names(path.parent)
    assert caught.value.id == "uv-version"
    path.write_text(f'{text}[tool.uv]\nrequired-version = ">=0.1"\n')
    assert names(path.parent) == ["aa"]
