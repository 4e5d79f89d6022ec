"""Options in `[tool.constructs-lib]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.cli.app import app
from constructs_lib.cli.parsed import settings_of
from constructs_lib.cli.project_settings import read_settings
from constructs_lib.core.errors import ProjectError

if TYPE_CHECKING:
    from pathlib import Path


def settings(folder: Path, text: str) -> dict[str, object]:
    (folder / "pyproject.toml").write_text(f"[tool.constructs-lib]\n{text}\n")
    return read_settings(folder, app.commands["build"].params, settings_of(app))


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
    assert read_settings(tmp_path / "nowhere", [], []) == {}


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
    ],
)
def test_a_key_or_value_that_is_wrong_is_one_line(tmp_path: Path, text: str, told: str) -> None:
    """With file and key."""
    with pytest.raises(ProjectError, match=told):
        settings(tmp_path, text)
