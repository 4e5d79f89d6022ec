"""Commands that are known by their options: where values come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.commands import document, run

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_command_line_comes_before_the_variable_and_that_before_the_file(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = ("--out", shop.parent / "out", "--json")
    pyproject = shop / "pyproject.toml"
    pyproject.write_text(pyproject.read_text() + '[tool.constructs-lib]\npython = "3.11"\n')
    assert document(run("build", shop, *out))["python"] == "3.11"
    monkeypatch.setenv("CONSTRUCTS_LIB_PYTHON", "3.12")
    assert document(run("build", shop, *out))["python"] == "3.12"
    assert document(run("build", shop, *out, "--python", "3.13"))["python"] == "3.13"


def test_a_wrong_value_is_told_with_its_place(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The person who reads it did not type it."""
    monkeypatch.setenv("CONSTRUCTS_LIB_PYTHON", "2.7")
    told = run("build", shop).stderr
    assert "from the environment variable CONSTRUCTS_LIB_PYTHON" in told
    monkeypatch.delenv("CONSTRUCTS_LIB_PYTHON")
    pyproject = shop / "pyproject.toml"
    pyproject.write_text(pyproject.read_text() + '[tool.constructs-lib]\npython = "2.7"\n')
    assert "from [tool.constructs-lib] python in pyproject.toml" in run("build", shop).stderr
    assert run("build", shop, "--help").exit_code == 0


def test_the_folder_without_a_project_has_settings_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command that names no project reads those of the current folder."""
    (tmp_path / "pyproject.toml").write_text('[tool.constructs-lib]\nstore = "wheels"\nquiet = true\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CONSTRUCTS_LIB_STORE", raising=False)
    assert run("store", "dir").stdout == "wheels\n"
