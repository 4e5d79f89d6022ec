"""The lock file of a project, whichever tool wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import LockedFile, LockOptions
from constructs_lib.core.lock.resolve import TOOLS, resolve
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.system.unexpected import UnexpectedError
from tests.support.files.locks import PYLOCK, SHA, TARGET, names
from tests.support.files.poetry_locks import write_poetry_lock

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.lock.locked import Exported, ExportRequest


def test_the_lock_file_says_which_tool(project: Path) -> None:
    """One lock file in `entry` needs no argument."""
    (project / "pylock.toml").write_text(PYLOCK)
    resolution = resolve(Project.at(project), TARGET)
    assert resolution.manifest.name == "pylock.toml"
    [locked] = resolution.locked
    assert isinstance(locked, LockedFile)
    assert (locked.name, locked.sha256, locked.location) == (
        "main",
        SHA,
        "https://example.org/main-1.0-py3-none-any.whl",
    )


def test_the_lock_file_alone_is_a_project(tmp_path: Path) -> None:
    """Without a pyproject.toml the folder gives the name, and nothing gives a version."""
    (tmp_path / "pylock.toml").write_text(PYLOCK)
    assert names(tmp_path) == ["main"]
    assert (Project.at(tmp_path).name, Project.at(tmp_path).version) == (tmp_path.name, None)
    assert not Project.at(tmp_path).is_package


def test_the_project_itself_is_left_out_with_a_note(project: Path) -> None:
    """As `uv export` and `pip lock -e .` name it; another folder is a dependency."""
    own = '[[packages]]\nname = "x"\ndirectory = { path = ".", editable = true }\n'
    other = '[[packages]]\nname = "lib"\ndirectory = { path = "lib" }\n'
    (project / "pylock.toml").write_text(f"{PYLOCK}\n{own}\n{other}")
    resolution = resolve(Project.at(project), TARGET)
    assert [locked.name for locked in resolution.locked] == ["lib", "main"]
    [note] = resolution.notes
    assert note.startswith(f"{project / 'pylock.toml'} locks the project itself (x): it is not in its layer")


def test_what_is_not_chosen_is_known(project: Path) -> None:
    """For the line about a layer without packages."""
    (project / "pylock.toml").write_text(PYLOCK)
    rest = resolve(Project.at(project), TARGET).not_chosen
    assert (rest.packages, rest.extras, rest.groups) == (("helper", "quick"), ("fast",), ("dev",))


def test_a_failure_that_nothing_expects_names_the_lock_file(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def export(request: ExportRequest) -> Exported:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setitem(TOOLS, "pylock", TOOLS["pylock"]._replace(export=export))
    (project / "pylock.toml").write_text(PYLOCK)
    with pytest.raises(UnexpectedError) as caught:
        names(project)
    assert str(caught.value).startswith(
        f"{project / 'pylock.toml'}: unexpected ZeroDivisionError: by nothing."
    )


def test_two_lock_files_must_be_decided(project: Path) -> None:
    """Two lock files are an error that names both and the argument that decides; the argument decides."""
    (project / "pylock.toml").write_text(PYLOCK)
    (project / "poetry.lock").write_text("")
    with pytest.raises(ProjectError) as caught:
        names(project)
    assert str(caught.value) == (
        f"{project} has poetry.lock and pylock.toml: choose the one that decides with "
        f"build_tool='poetry' or build_tool='pylock'"
    )
    assert names(project, LockOptions(build_tool="pylock")) == ["main"]


def test_no_lock_file_names_the_command(project: Path) -> None:
    """Without a lock the line says what to run; for a tool that was asked for, that tool's command."""
    with pytest.raises(
        ProjectError,
        match=r"uv\.lock does not exist \(nor poetry\.lock, pdm\.lock, Pipfile\.lock, requirements\.txt, pylock\.toml\): run 'uv lock'",
    ):
        names(project)
    with pytest.raises(ProjectError, match=r"poetry\.lock does not exist: run 'poetry lock'"):
        names(project, LockOptions(build_tool="poetry"))
    with pytest.raises(
        ProjectError,
        match="build_tool 'conda' is unknown: choose one of uv, poetry, pdm, pipenv, pip, pylock",
    ):
        names(project, LockOptions(build_tool="conda"))


def test_a_manifest_that_changes_while_it_is_read_is_refused(project: Path, tool: Path) -> None:
    """An edit of the lock between reading and exporting never goes into a layer under the old name."""
    lock = write_poetry_lock(project, version="1.1")
    (tool / "poetry").write_text(f'#!/bin/sh\necho after > "{lock}"\n')
    with pytest.raises(ProjectError, match="changed while it was read"):
        names(project)


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("name = 3", "project.name is 3, it must be a string"),
        ('name = "x"\nversion = 1', "project.version is 1, it must be a string"),
        ('name = "x"\ndependencies = ["?"]', "project.dependencies[0] is '?', it must be a requirement"),
    ],
    ids=["name", "version", "dependencies"],
)
def test_what_the_document_of_a_layer_needs_is_checked_first(project: Path, table: str, key: str) -> None:
    """Whichever the lock: before a file is fetched, not when the zip is written."""
    (project / "pylock.toml").write_text(PYLOCK)
    (project / "pyproject.toml").write_text(f"[project]\n{table}\n")
    with pytest.raises(ProjectError) as caught:
        names(project)
    assert str(caught.value).startswith(f"{project / 'pyproject.toml'}: {key}")


def test_another_tools_table_is_not_read(project: Path) -> None:
    (project / "pylock.toml").write_text(PYLOCK)
    (project / "pyproject.toml").write_text('dependency-groups = 3\n[tool]\nuv = 3\npoetry = "x"\n')
    assert names(project) == ["main"]
