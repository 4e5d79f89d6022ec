"""The members of a workspace, by its patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.lock.member_folders import member_folders

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace with three members, one of them hidden, and a project beside it."""
    for folder in ("root", "root/packages/one", "root/packages/two", "root/packages/.three", "beside"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / "pyproject.toml").write_text("")
    (tmp_path / "root" / "packages" / "no_project").mkdir()
    return tmp_path / "root"


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (["packages/*"], ["packages/.three", "packages/one", "packages/two"]),
        (["packages/two", "packages/t*", "packages/one/"], ["packages/one", "packages/two"]),
        (["packages/t[vw]o", "nowhere", "packages/no_project"], ["packages/two"]),
        (["."], ["."]),
        (["../beside"], ["../beside"]),
        (["../b*", "packages/one/../two"], ["../beside", "packages/two"]),
        (["/*", "***/x", "x" * 5000, "a/" * 3000 + "*", "a\0b"], []),
        ([], []),
    ],
    ids=lambda value: str(value)[:40],
)
def test_the_members_are_named_from_the_root(root: Path, patterns: list[str], names: list[str]) -> None:
    """Each once and sorted; what can be no path in the workspace matches nothing."""
    assert list(member_folders(root, patterns)) == names


def test_a_member_by_its_whole_path(root: Path) -> None:
    """Links are followed, in the root too."""
    link = root.parent / "link"
    link.symlink_to(root)
    folder = root / "packages" / "one"
    assert member_folders(link, [str(folder), str(link / "packages" / "one")]) == {
        "packages/one": folder.resolve()
    }


@given(st.lists(st.text("*?[]!./ax\0\\~", max_size=9)))
def test_no_pattern_raises(tmp_path_factory: pytest.TempPathFactory, patterns: list[str]) -> None:
    """Any string is legal TOML."""
    folder = tmp_path_factory.getbasetemp() / "a" / "a" / "x"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text("")
    assert set(member_folders(folder, patterns).values()) <= {folder.resolve()}
