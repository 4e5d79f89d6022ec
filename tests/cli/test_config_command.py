"""`config`: values and their origins."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import constructs_lib
from tests.cli.commands import document, run

if TYPE_CHECKING:
    import pytest


def test_each_value_has_its_origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variable, then file, then default; what may be a password is not shown."""
    (tmp_path / "pyproject.toml").write_text(
        '[tool.constructs-lib]\npython = "3.12"\narch = "arm64"\ncredentials = ["a=https://me:s3cret@index.example"]\n'
    )
    monkeypatch.setenv("CONSTRUCTS_LIB_PYTHON", "3.11")
    monkeypatch.setenv("CONSTRUCTS_LIB_ENV", "TOKEN=s3cret")
    done = run("config", tmp_path, "--json")
    assert done.exit_code != 0
    assert "s3cret" not in done.output
    (tmp_path / "pyproject.toml").write_text('[tool.constructs-lib]\npython = "3.12"\narch = "arm64"\n')
    rows = {row["key"]: row for row in document(run("config", tmp_path, "--json"))["options"]}
    assert (rows["python"]["value"], rows["python"]["origin"]) == ("3.11", "environment")
    assert (rows["arch"]["value"], rows["arch"]["origin"]) == ("arm64", "pyproject.toml")
    assert (rows["out"]["value"], rows["out"]["origin"]) == ("build/lambda", "default")
    assert (rows["tool"]["value"], rows["env"]["value"]) == (None, "…")
    table = run("config", tmp_path).stdout
    assert "CONSTRUCTS_LIB_ALLOW_EXTRA_INDEX_URL" in table
    assert "s3cret" not in table


def test_what_stands_on_the_command_line_counts_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The options that every command takes, on either side of its name; those of a build belong to a build."""
    (tmp_path / "pyproject.toml").write_text("[tool.constructs-lib]\nstrict = false\n")
    monkeypatch.setenv("CONSTRUCTS_LIB_STORE", str(tmp_path / "other"))
    done = run("--no-color", "config", tmp_path, "--json", "--strict", "-v", "--store", tmp_path / "store")
    rows = {row["key"]: row for row in document(done)["options"]}
    typed = {key: row["value"] for key, row in rows.items() if row["origin"] == "command line"}
    flags = dict.fromkeys(("json", "no-color", "strict"), "true")
    assert typed == {**flags, "verbose": "1", "store": str(tmp_path / "store")}
    assert rows["quiet"]["origin"] == "default"
    refused = run("config", tmp_path, "--python", "3.12").stderr
    assert "No such option" in refused  # the rest is in the words of click's version
    assert "--python" in refused.splitlines()[-1]


def test_a_value_of_a_wrong_type_is_an_error_for_every_command(tmp_path: Path) -> None:
    """`config` reads all keys, also those of other commands."""
    (tmp_path / "pyproject.toml").write_text('[tool.constructs-lib]\nextra = "dev"\n')
    assert "extra is 'dev', it must be a list of strings" in run("config", tmp_path).stderr


def test_a_variable_of_no_option_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelled one has no effect, and nothing else would tell."""
    monkeypatch.setenv("CONSTRUCTS_LIB_PYTHN", "3.11")
    done = run("config", tmp_path, "--json")
    assert document(done)["unknown_variables"] == ["CONSTRUCTS_LIB_PYTHN"]
    assert done.stderr == "warning: the environment variable CONSTRUCTS_LIB_PYTHN belongs to no option\n"


def test_every_variable_that_the_library_reads_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those that no option stands for."""
    library = Path(constructs_lib.__file__).parent
    texts = (path.read_text(encoding="utf-8") for path in library.rglob("*.py"))
    names = {name for text in texts for name in re.findall(r'"(CONSTRUCTS_LIB_[A-Z_]+[A-Z])"', text)}
    assert {"CONSTRUCTS_LIB_STORE", "CONSTRUCTS_LIB_REMOTE_STORE"} <= names
    for name in names:
        monkeypatch.setenv(name, "")
    assert document(run("config", tmp_path, "--json"))["unknown_variables"] == []


def test_a_project_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """Else a misspelled one would show the defaults."""
    done = run("config", tmp_path / "nowhere", "--json")
    assert (done.exit_code, json.loads(done.stdout)["error"]["id"]) == (1, "entry-invalid")
