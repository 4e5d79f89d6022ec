"""What a project says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.project.pyproject import Project, read_toml

if TYPE_CHECKING:
    from pathlib import Path


def test_a_project_is_the_folder_of_a_pyproject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative entry is taken from the working directory and becomes absolute."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "pyproject.toml").write_text('[project]\nname = "shop"\n')
    monkeypatch.chdir(tmp_path)
    project = Project.at("shop")
    assert project.root == tmp_path / "shop"
    assert project.metadata == {"name": "shop"}
    assert not project.has_build_system


def test_an_entry_through_a_link_is_the_real_folder(tmp_path: Path) -> None:
    """So that relative paths of the lock file mean what they mean to uv."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "pyproject.toml").write_text('[build-system]\nrequires = ["hatchling"]\n')
    (tmp_path / "link").symlink_to("real")
    assert Project.at(tmp_path / "link").root == tmp_path / "real"
    assert Project.at(tmp_path / "link").has_build_system
    assert Project.at(tmp_path / "link").metadata == {}


def test_an_entry_that_is_no_project_is_one_line(tmp_path: Path) -> None:
    """Missing, a file, and a folder without pyproject.toml: what was given, where that is, what to do."""
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    for entry, text in {
        "nothing": f"entry '{tmp_path}/nothing' does not exist ({tmp_path}/nothing): give the folder that holds",
        "file": f"entry '{tmp_path}/file' is not a folder ({tmp_path}/file): give the folder that holds",
        "empty": f"{tmp_path}/empty holds no pyproject.toml: 'uv init --bare' makes one",
    }.items():
        with pytest.raises(ProjectError) as caught:
            Project.at(tmp_path / entry)
        assert str(caught.value).startswith(text)
        assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"[project]\nname = \n", r"is not valid TOML: .*line 2, column 8"),
        (b"name = 'a'\nname = 'b'\n", r"is not valid TOML: .*line 2"),
        (b"name = '\xff'\n", r"is not UTF-8 at byte 8$"),
    ],
    ids=["no-value", "twice", "latin-1"],
)
def test_toml_that_cannot_be_read_is_one_line(tmp_path: Path, content: bytes, why: str) -> None:
    """File, line and column are named."""
    path = tmp_path / "pyproject.toml"
    path.write_bytes(content)
    with pytest.raises(ProjectError, match=why) as caught:
        read_toml(path)
    assert str(caught.value).startswith(f"{path} ")
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    """Missing, or a folder."""
    with pytest.raises(ProjectError, match=r"/no\.toml does not exist$"):
        read_toml(tmp_path / "no.toml")
    with pytest.raises(ProjectError, match=r"cannot be read: Is a directory$"):
        read_toml(tmp_path)


def test_a_project_table_that_is_none_is_one_line(tmp_path: Path) -> None:
    """`project = 1` is valid TOML and no project: one line, no traceback."""
    (tmp_path / "pyproject.toml").write_text("project = 1\n")
    with pytest.raises(ProjectError, match=r"pyproject\.toml: project is 1, it must be a table"):
        _ = Project.at(tmp_path).metadata
