"""TOML values are read with their types; a wrong one is one line with file and key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.project.toml_table import TomlTable, parse_toml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def table(tmp_path: Path, text: str) -> TomlTable:
    path = tmp_path / "some.toml"
    path.write_text(text)
    return TomlTable.read(path, "some-invalid")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[project]\nname = \n", r"is not valid TOML: .*line 2, column 8"),
        (b"name = 'a'\nname = 'b'\n", r"is not valid TOML: .*line 2"),
        (b"name = '\xff'\n", r"is not UTF-8 at byte 8$"),
        (b"a = " + b"[" * 5000 + b"]" * 5000, r"is not valid TOML: "),
    ],
    ids=["no-value", "twice", "latin-1", "deep"],
)
def test_toml_that_cannot_be_read_is_one_line(tmp_path: Path, content: bytes, reason: str) -> None:
    """File, line and column are named."""
    path = tmp_path / "pyproject.toml"
    path.write_bytes(content)
    with pytest.raises(ProjectError, match=reason) as caught:
        TomlTable.read(path, "some-invalid")
    assert str(caught.value).startswith(f"{path} ")
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    """Missing, or a folder."""
    with pytest.raises(ProjectError, match=r"/no\.toml does not exist$"):
        TomlTable.read(tmp_path / "no.toml", "some-invalid")
    with pytest.raises(ProjectError, match=r"cannot be read: Is a directory$"):
        TomlTable.read(tmp_path, "some-invalid")


def test_credentials_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"some\.toml:1: https://\*\*\*\*@host carries"):
        table(tmp_path, 'url = "https://bob:hunter2@host"\n')


def test_values_of_each_type(tmp_path: Path) -> None:
    """A key that is there, and one that is not."""
    read = table(tmp_path, 'a = "x"\nn = 3\nf = true\nl = ["1", "2"]\nt = { k = "v" }\nts = [{ k = "v" }]\n')
    assert (read.text("a"), read.required_text("a"), read.text("none")) == ("x", "x", None)
    assert read.required_text_as("a", str.upper, "a word") == "X"
    assert (read.number("n"), read.number("none")) == (3, None)
    assert (read.flag("f"), read.flag("none")) == (True, False)
    assert (read.texts("l"), read.texts("none")) == (["1", "2"], [])
    assert (read.texts_as("l", int, "a number"), read.text_as("none", int, "a number")) == ((1, 2), None)
    assert read.table("t").text("k") == "v"
    assert list(read.table("none")) == []
    assert [row.text("k") for row in [*read.tables("ts"), *read.table_or_tables("ts")]] == ["v", "v"]
    assert [row.text("k") for row in read.table_or_tables("t")] == ["v"]
    assert "a" in read
    assert "none" not in read
    assert list(read) == ["a", "n", "f", "l", "t", "ts"]


REFUSALS: dict[str, tuple[str, Callable[[TomlTable], object], str]] = {
    "text": ("a = 1", lambda read: read.text("a"), "a is 1, it must be a string"),
    "missing": ("", lambda read: read.required_text("a"), "a is missing"),
    "number": ("a = true", lambda read: read.number("a"), "a is True, it must be an integer"),
    "flag": ("a = 1", lambda read: read.flag("a"), "a is 1, it must be true or false"),
    "list": ('a = "x"', lambda read: read.texts("a"), "a is 'x', it must be a list"),
    "item": ('a = ["x", 1]', lambda read: read.texts("a"), "a[1] is 1, it must be a string"),
    "table": ("a = []", lambda read: read.table("a"), "a is [], it must be a table"),
    "tables": ("a = [1]", lambda read: read.tables("a"), "a[0] is 1, it must be a table"),
    "below": ("[a.b]\nc = 1", lambda read: read.table("a").table("b").text("c"), "a.b.c is 1, it must be"),
    "quoted": ('[a]\n"b c" = 1', lambda read: read.table("a").text("b c"), 'a."b c" is 1, it must be'),
    "row": ("[[a]]\nb = 1", lambda read: read.tables("a")[0].text("b"), "a[0].b is 1, it must be"),
    "mixed": (
        'a = ["x", 1]',
        lambda read: read.texts_or_tables("a"),
        "a[1] is 1, it must be a string or a table",
    ),
    "converted": (
        'a = "x"',
        lambda read: read.text_as("a", int, "a number"),
        "a is 'x', it must be a number: invalid literal",
    ),
    "converted-item": (
        'a = ["1", "x"]',
        lambda read: read.texts_as("a", int, "a number"),
        "a[1] is 'x', it must be a number: ",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_wrong_type_is_one_line_with_file_and_key(tmp_path: Path, case: str) -> None:
    text, get, message = REFUSALS[case]
    read = table(tmp_path, text)
    with pytest.raises(ProjectError) as caught:
        get(read)
    assert str(caught.value).startswith(f"{read.path}: {message}")
    assert caught.value.id == "some-invalid"


def test_a_long_value_is_cut(tmp_path: Path) -> None:
    read = table(tmp_path, f'a = ["{"x" * 5000}"]')
    with pytest.raises(ProjectError) as caught:
        read.text("a")
    assert len(str(caught.value)) < 300


def test_parse_toml_names_the_file(tmp_path: Path) -> None:
    assert parse_toml("a = 1", tmp_path) == {"a": 1}
    with pytest.raises(ProjectError, match="is not valid TOML"):
        parse_toml("a", tmp_path)


@pytest.mark.parametrize(
    "text",
    ["a = " + "1" * 5000, "a = 2026-02-31", "a = 25:00:00", "a = " + "[" * 20000],
    ids=["digits", "date", "time", "depth"],
)
def test_odd_values_are_one_short_line(tmp_path: Path, text: str) -> None:
    """A number that Python does not convert, a day that does not exist, tables without an end."""
    with pytest.raises(ProjectError, match="is not valid TOML: ") as caught:
        parse_toml(text, tmp_path / "uv.lock")
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 500


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    """As editors on Windows write it, and as uv reads it."""
    path = tmp_path / "pyproject.toml"
    path.write_bytes(b"\xef\xbb\xbfname = 'x'\n")
    assert TomlTable.read(path, "some-invalid").text("name") == "x"
