"""Encodings, continued lines, comments and variables."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.requirements.logical_lines import (
    LONGEST_QUOTE,
    logical_lines,
    quoted,
    read_text,
)

PATH = Path("requirements.txt")


def lines(text: str) -> list[tuple[str, str]]:
    return [(line.where.rpartition(":")[2], line.text) for line in logical_lines(text, PATH)]


def refusal(content: bytes, folder: Path) -> str:
    path = folder / "requirements.txt"
    path.write_bytes(content)
    with pytest.raises(ProjectError) as caught:
        list(logical_lines(read_text(path), path))
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-be-mark", "utf-16-le-mark", "latin-1"]
)
def test_a_file_is_read_by_its_mark_or_its_coding_line(tmp_path: Path, encoding: str) -> None:
    """Windows' editors write marks, old files have a coding line."""
    text = "# coding: latin-1\nx # é\n" if encoding == "latin-1" else "x # é\n"
    if encoding.endswith("-mark"):
        encoding, text = encoding.removesuffix("-mark"), f"\ufeff{text}"
    path = tmp_path / "r.txt"
    path.write_bytes(text.encode(encoding))
    assert [line.text for line in logical_lines(read_text(path), path)] == ["x"]


def test_what_cannot_be_decoded_is_one_line_with_a_remedy(tmp_path: Path) -> None:
    """The encoding, the byte, and how to save it."""
    assert refusal(b"x # \xe9\n", tmp_path).endswith(
        "requirements.txt is not UTF-8 at byte 4: save it as UTF-8"
    )
    assert "'klingon', which is no encoding: save it as UTF-8" in refusal(b"# coding: klingon\n", tmp_path)
    assert "which is no encoding" in refusal(b"# coding: hex\n", tmp_path)
    assert "is not UTF-16-LE" in refusal(b"\xff\xfex", tmp_path)


def test_what_is_no_regular_file_is_not_waited_for(tmp_path: Path) -> None:
    """A pipe that nobody writes to would be read for ever."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ProjectError, match="pipe cannot be read: it is not a regular file"):
        read_text(tmp_path / "pipe")
    with pytest.raises(ProjectError, match="not a regular file"):
        read_text(tmp_path)


def test_lines_are_joined_and_comments_removed() -> None:
    """With the number of the first line; a comment ends a continued line, as for pip."""
    text = "# one\na \\\n  b # c\n\n  d#e\nf \\\n# g\n  h\ni \\"
    assert lines(text) == [("2", "a   b"), ("5", "d#e"), ("6", "f"), ("8", "h"), ("9", "i")]


def test_a_comment_that_would_continue_is_refused(tmp_path: Path) -> None:
    """The next line is a part of the comment for pip, which drops it; uv reads it."""
    text = b"idna==3.7  # see C:\\dir\\\n--extra-index-url https://two.example\n"
    assert "requirements.txt:1: the comment ends with a backslash" in refusal(text, tmp_path)
    assert lines("# C:\\dir\\\nx") == [("2", "x")]


def test_control_characters_are_refused(tmp_path: Path) -> None:
    """They are in no file that a person writes, and hide what is behind them from a reader."""
    assert "requirements.txt:2: the line has the control character U+0000" in refusal(b"x\ny\0z\n", tmp_path)
    assert "U+001B" in refusal(b"x \x1b[2K\n", tmp_path)


def test_variables_that_are_set_have_their_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only in capitals and braces; others stay as they are, as for pip."""
    monkeypatch.setenv("REQS_TOKEN", "t0ken")
    monkeypatch.delenv("REQS_NONE", raising=False)
    assert lines("${REQS_TOKEN} $REQS_TOKEN ${REQS_NONE} ${reqs}") == [
        ("1", "t0ken $REQS_TOKEN ${REQS_NONE} ${reqs}")
    ]


def test_a_variable_adds_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its value is one word of a line, whatever it holds."""
    monkeypatch.setenv("REQS_TOKEN", "x\n--extra-index-url https://two.example")
    with pytest.raises(ProjectError, match=r"requirements\.txt:1: the value of a variable has a line end"):
        lines("${REQS_TOKEN}")


def test_a_quotation_is_short_and_holds_no_password() -> None:
    """What stands in an error stands in a log."""
    assert quoted("https://me:pw@host/") == "'https://****@host/'"
    assert len(quoted("x" * 9000)) <= LONGEST_QUOTE + 3


@given(st.text("ab #\\\n\t'\"=-${}A\x0c\u2028"))
def test_any_text_gives_lines_or_one_refusal(text: str) -> None:
    """No traceback, no empty line, and numbers that grow."""
    refusal = ""
    found = []
    try:
        found = list(logical_lines(text, PATH))
    except ProjectError as error:
        refusal = str(error)
    assert "\n" not in refusal
    numbers = [int(line.where.rpartition(":")[2]) for line in found]
    assert numbers == sorted(set(numbers))
    assert all(line.text.strip() == line.text != "" for line in found)
