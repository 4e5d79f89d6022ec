"""Options with a variable and a key, and the checks of their values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from constructs_lib.cli.setting import PathType, image, option

if TYPE_CHECKING:
    from pathlib import Path


def test_variable_and_key_are_the_long_name() -> None:
    """Whatever else the option is called."""
    setting = option("-g", "--only-group", "groups", help="")
    assert (setting.key, setting.variable, setting.envvar, setting.name) == (
        "only-group",
        "CONSTRUCTS_LIB_ONLY_GROUP",
        "CONSTRUCTS_LIB_ONLY_GROUP",
        "groups",
    )


@pytest.mark.parametrize(
    ("value", "read"),
    [(None, None), ("", True), ("true", True), ("1", True), ("false", None), ("a:1", "a:1")],
)
def test_an_image_is_a_name_or_yes(value: str | None, read: str | bool | None) -> None:
    """A variable has no other way to say yes than a word."""
    command = click.Command("x")
    assert image(click.Context(command), option("--container", help=""), value) == read


def test_a_project_is_no_image(tmp_path: Path) -> None:
    """`build --container greeter` reads the project as the image's name: the remedy is said."""
    (tmp_path / "pyproject.toml").write_text("")
    with pytest.raises(click.BadParameter, match="write PROJECT before --container"):
        image(click.Context(click.Command("x")), option("--container", help=""), str(tmp_path))


def test_a_path_is_not_empty_and_no_dash(tmp_path: Path) -> None:
    """An empty variable in a script would mean the current folder."""
    path = PathType(file_okay=False)
    assert path.convert(str(tmp_path), None, None) == tmp_path
    assert str(PathType(allow_dash=True).convert("-", None, None)) == "-"
    for value in ("", "-"):
        with pytest.raises(click.BadParameter, match=f"{value!r} is no directory: name one"):
            path.convert(value, None, None)
