"""The options of one line."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.requirements.line_options import LineOption, LineParts, parse_line
from constructs_lib.core.lock.requirements.logical_lines import LogicalLine


def parse(text: str) -> LineParts:
    return parse_line(LogicalLine("r.txt:1", text))


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("-r a.txt", [("--requirement", "a.txt")]),
        ("-ra.txt", [("--requirement", "a.txt")]),
        ("-r=a.txt", [("--requirement", "a.txt")]),
        ("--requirement a.txt", [("--requirement", "a.txt")]),
        ("--requirement='a b.txt'", [("--requirement", "a b.txt")]),
        ("-c a.txt", [("--constraint", "a.txt")]),
        ("-i https://one.example", [("--index-url", "https://one.example")]),
        ("--pypi-url https://one.example", [("--index-url", "https://one.example")]),
        ("-f links", [("--find-links", "links")]),
        ("-e .", [("--editable", ".")]),
        ("-e ./a ; x == 'y'", [("--editable", "./a ; x == 'y'")]),
        ("--editable='./a b'", [("--editable", "./a b")]),
        ("-e=./a", [("--editable", "./a")]),
        ("-e./a", [("--editable", "./a")]),
        ("--no-index --pre", [("--no-index", ""), ("--pre", "")]),
        ("--require-hashes --extra-index-url u", [("--require-hashes", ""), ("--extra-index-url", "u")]),
    ],
)
def test_options_have_their_long_names(text: str, options: list[tuple[str, str]]) -> None:
    """In every way to join a value that pip or uv takes; all options of a line count."""
    assert parse(text) == LineParts("", tuple(itertools.starmap(LineOption, options)))


def test_a_requirement_ends_where_options_begin() -> None:
    """Behind a space or a tab; a hyphen inside a word is none."""
    assert parse("a-b==1.0\t--hash=sha256:00 --hash x") == (
        "a-b==1.0",
        (("--hash", "sha256:00"), ("--hash", "x")),
    )
    assert parse("a-b @ https://h.example/x--y.whl") == ("a-b @ https://h.example/x--y.whl", ())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("--colour", "'--colour' is not understood"),
        ("--extra-index https://two.example", "is not understood"),
        ("--no-index=yes", "is not understood"),
        ("-x", "'-x' is not understood"),
        ("-", "'-' is not understood"),
        ("-r a b.txt", "'b.txt' is not understood: it stands behind --requirement; put a value with spaces"),
        ("-r", "--requirement has no value"),
        ("-e", "has no value"),
        ("--hash=", "--hash has no value"),
        ("x --index-url", "--index-url has no value"),
        ("-r 'a", "cannot be read: No closing quotation"),
        ("x --config-settings=a=b", "--config-settings is not allowed"),
        ("x -C a=b", "--config-settings is not allowed"),
        ("--no-require-hashes", "--no-require-hashes is not allowed: a check of hashes is not switched off"),
        ("x --global-option=y", "--global-option is not allowed"),
    ],
)
def test_what_is_not_understood_is_refused(text: str, problem: str) -> None:
    """By file and line: an option that is passed over may have asked for a check."""
    with pytest.raises(ProjectError) as caught:
        parse(text)
    assert str(caught.value).startswith("r.txt:1: ")
    assert problem in str(caught.value)


@given(st.text("re-ic =.'\"x#/\\"))
def test_any_line_is_parted_or_refused(text: str) -> None:
    """Without a traceback."""
    refusal, options = "r.txt:1: ", tuple[LineOption, ...]()
    try:
        options = parse(text).options
    except ProjectError as error:
        refusal = str(error)
    assert refusal.startswith("r.txt:1: ")
    assert all(name.startswith("--") for name, _ in options)
