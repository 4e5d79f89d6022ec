"""What a line names as the way out; `tests/integration/test_lock_remedies.py` runs each command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.lock.locked import NotChosen
from constructs_lib.core.lock.remedies import command_for, explain_nothing_locked, tool_for
from constructs_lib.core.project.pyproject import Project

if TYPE_CHECKING:
    from pathlib import Path

_NOTHING = NotChosen()
NAMED = '[project]\nname = "x"\nversion = "1"\n'


@pytest.mark.parametrize(
    ("files", "tool"),
    [
        ({"pyproject.toml": NAMED}, "uv"),
        ({"pyproject.toml": '[tool.uv.workspace]\nmembers = ["a"]\n'}, "uv"),
        ({"pyproject.toml": '[tool.poetry]\nname = "x"\n'}, "poetry"),
        ({"pyproject.toml": f"{NAMED}[tool.poetry]\npackage-mode = false\n"}, "poetry"),
        ({"pyproject.toml": f"{NAMED}[tool.pdm]\ndistribution = false\n"}, "pdm"),
        ({"pyproject.toml": f"{NAMED}[tool.pdm]\n[tool.uv]\npackage = false\n"}, "uv"),
        ({"Pipfile": ""}, "pipenv"),
        ({"Pipfile": "", "pyproject.toml": "[tool.black]\nline-length = 80\n"}, "pipenv"),
        ({"pyproject.toml": "[tool.black]\nline-length = 80\n"}, "pip"),
        ({"setup.py": ""}, "pip"),
        ({"handler.py": ""}, "pip"),
    ],
    ids=repr,
)
def test_the_tool_is_that_of_the_project(tmp_path: Path, files: dict[str, str], tool: str) -> None:
    """By the tables and files that only one tool reads; `[project]` alone is uv's."""
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert tool_for(Project.at(tmp_path)) == tool


@pytest.mark.parametrize(
    ("files", "source"),
    [
        ({"pyproject.toml": NAMED, "setup.py": ""}, "pyproject.toml"),
        ({"pyproject.toml": "[tool.black]\n", "setup.py": ""}, "setup.py"),
        ({"requirements.in": "idna"}, "requirements.in"),
    ],
    ids=repr,
)
def test_a_compilation_names_what_it_reads(tmp_path: Path, files: dict[str, str], source: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    sentence = command_for(Project.at(tmp_path), "pip", "compile {source}")
    assert sentence == f"run 'compile {source}' in {tmp_path} and commit it"


def test_without_any_dependencies_the_file_has_to_be_written(tmp_path: Path) -> None:
    (tmp_path / "handler.py").write_text("")
    assert command_for(Project.at(tmp_path), "pip", "compile {source}") == (
        f"write the dependencies into {tmp_path}/requirements.txt, or leave the layer out if there are none"
    )


def nothing_locked(root: Path, pyproject: str, rest: NotChosen = _NOTHING) -> str:
    (root / "pyproject.toml").write_text(pyproject)
    return explain_nothing_locked(Project.at(root), "uv.lock", [], rest).remedy


def test_an_empty_layer_names_what_there_is_to_choose(tmp_path: Path) -> None:
    """Extras and groups of the project and of the lock file, and packages for other targets."""
    assert nothing_locked(tmp_path, NAMED) == "add a dependency, or leave the layer out"
    choices = f"{NAMED}[project.optional-dependencies]\nfast = []\n[dependency-groups]\nweb = []\n"
    assert nothing_locked(tmp_path, choices, NotChosen(groups=("docs",))) == (
        "choose extras, of which there are fast, or choose groups, of which there are docs, web, or leave the layer out"
    )
    many = NotChosen(tuple(f"name-{number}" for number in range(9)))
    assert nothing_locked(tmp_path, NAMED, many) == (
        "choose another runtime or architecture, for which it locks name-0, name-1, name-2, name-3, name-4, name-5 and "
        "3 more, or leave the layer out"
    )


def test_an_empty_layer_of_a_workspace_names_its_members(tmp_path: Path) -> None:
    member = tmp_path / "packages" / "app"
    member.mkdir(parents=True)
    (member / "pyproject.toml").write_text(NAMED)
    assert nothing_locked(tmp_path, '[tool.uv.workspace]\nmembers = ["packages/*", "", ".", "**x"]\n') == (
        "give a member of the workspace as entry (packages/app), or leave the layer out"
    )


def test_a_lock_of_uv_for_a_poetry_project_is_explained(tmp_path: Path) -> None:
    """Nothing of it is locked by uv, and `uv lock` would change nothing."""
    assert nothing_locked(tmp_path, '[tool.poetry]\nname = "x"\n') == (
        f"uv does not read [tool.poetry]: remove uv.lock and run 'poetry lock' in {tmp_path}"
    )
