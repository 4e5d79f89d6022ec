"""Options in `[tool.constructs-lib]`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from constructs_lib.cli.app import app
from constructs_lib.cli.parsed import settings_of
from constructs_lib.cli.project_settings import read_settings, read_table
from constructs_lib.core.errors import ProjectError
from tests.cli.commands import run
from tests.support.click_runner import CliRunner

if TYPE_CHECKING:
    from pathlib import Path


def settings(folder: Path, text: str) -> dict[str, object]:
    (folder / "pyproject.toml").write_text(f"[tool.constructs-lib]\n{text}\n")
    return read_settings(read_table(folder), app.commands["build"].params, settings_of(app))


def test_values_are_read_by_the_names_of_options(tmp_path: Path) -> None:
    """Those of other commands are left to them; a path is relative to the project."""
    text = (
        'python = "3.12"\nextra = ["a", "b"]\nsmoke-test = true\nout = "dist"\nlayer-name = "x"\nverbose = 1'
    )
    assert settings(tmp_path, text) == {
        "python": "3.12",
        "extra": ["a", "b"],
        "smoke_test": True,
        "out": str(tmp_path / "dist"),
        "verbose": 1,
    }
    assert settings(tmp_path, "container = true") == {"container": "true"}
    assert settings(tmp_path, "") == {}
    assert read_settings(read_table(tmp_path / "nowhere"), [], []) == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("pyton = 3", r"pyproject.toml: \[tool.constructs-lib\] has no key 'pyton': did you mean python\?"),
        ("zzzzzzz = 3", "has no key 'zzzzzzz': 'constructs-lib config' lists the keys"),
        ('extra = "a"', "tool.constructs-lib.extra is 'a', it must be a list of strings"),
        ("extra = [1]", "extra is .*, it must be a list of strings"),
        ('smoke-test = "yes"', "smoke-test is 'yes', it must be true or false"),
        ("python = true", "python is True, it must be a string or a number"),
        ("container = 1", "container is 1, it must be true, false or a string"),
        ("python = 3.10", "python is 3.1, it must be a string: write it in quotes"),
    ],
)
def test_a_key_or_value_that_is_wrong_is_one_line(tmp_path: Path, text: str, told: str) -> None:
    """With file and key."""
    with pytest.raises(ProjectError, match=told):
        settings(tmp_path, text)


def test_a_value_that_may_be_a_password_is_not_quoted(tmp_path: Path) -> None:
    """Neither by the check of its type nor by that of its form, from the file and from a variable."""
    (tmp_path / "pyproject.toml").write_text('[tool.constructs-lib]\nenv = "TOKEN=s3cret"\n')
    done = run("config", tmp_path)
    assert "tool.constructs-lib.env is '…', it must be a list of strings" in done.stderr
    (tmp_path / "pyproject.toml").write_text('[tool.constructs-lib]\nenv = ["s3cret"]\n')
    done = run("invoke", tmp_path, "--handler", "a.b")
    assert "value 1 is no NAME=VALUE" in done.stderr
    assert "s3cret" not in done.output
    split = {"CONSTRUCTS_LIB_ENV": "TOKEN=two s3cret"}
    done = CliRunner().invoke(app, ["invoke", str(tmp_path), "--handler", "a.b"], env=split)
    assert "value 2 is no NAME=VALUE" in done.stderr
    assert "s3cret" not in done.output


def test_an_empty_path_is_not_the_projects_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else an empty name of the store would make the project the store."""
    monkeypatch.delenv("CONSTRUCTS_LIB_STORE", raising=False)
    (tmp_path / "pyproject.toml").write_text('[tool.constructs-lib]\nstore = ""\n')
    done = run("build", tmp_path)
    assert (done.exit_code, "'' is no directory: name one" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("text", "arguments", "error_id"),
    [
        ("", ("--pyton", "3"), "usage"),
        ('python = "2.7"', (), "usage"),
        ("container = 3", (), "settings-invalid"),
        ("pyton = 3", (), "settings-invalid"),
    ],
)
def test_the_file_asks_for_errors_as_json_too(
    tmp_path: Path, text: str, arguments: tuple[str, ...], error_id: str
) -> None:
    """Also for an error before the options are parsed; the variable overrides the file."""
    (tmp_path / "pyproject.toml").write_text(f"[tool.constructs-lib]\njson = true\n{text}\n")
    done = run("build", tmp_path, *arguments)
    assert json.loads(done.stdout)["error"]["id"] == error_id
    off = CliRunner().invoke(app, ["build", str(tmp_path), *arguments], env={"CONSTRUCTS_LIB_JSON": "off"})
    assert (off.exit_code, off.stdout) == (done.exit_code, "")
