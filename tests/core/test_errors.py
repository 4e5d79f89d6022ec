"""Errors carry an id beside their line, and survive a process border."""

from __future__ import annotations

import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core import errors
from constructs_lib.core.errors import ArtifactError, ProjectError, render

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, ArtifactError) and kind is not ArtifactError
]


def test_an_error_reads_as_its_text_and_is_shown_with_its_id() -> None:
    """Scripts match the text; people look the id up."""
    error = ProjectError("lock-stale", "uv.lock is stale")
    assert str(error) == "uv.lock is stale"
    assert error.id == "lock-stale"
    assert render(error) == "error[lock-stale]: uv.lock is stale"


def test_an_error_without_an_id_cannot_be_made() -> None:
    with pytest.raises(TypeError):
        ProjectError("uv.lock is stale")  # type: ignore[call-arg]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_crosses_a_process_border(kind: type[ArtifactError]) -> None:
    """Workers of a process pool hand their errors over by pickle."""
    copy = pickle.loads(pickle.dumps(kind("file-missing", "x does not exist")))  # noqa: S301 - our own bytes
    assert type(copy) is kind
    assert (copy.id, str(copy)) == ("file-missing", "x does not exist")


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("HTTP 500 \x1b[31mred\x1b[0m\x1b]0;title\x07", "HTTP 500 red"),
        ("Expected a marker\n    extra == 5\r\n             ^", "Expected a marker | extra == 5 | ^"),
        ("a\0b\u202ec", "a\ufffdb\ufffdc"),
        ("ü \N{NO-BREAK SPACE}✓", "ü \N{NO-BREAK SPACE}✓"),
    ],
)
def test_foreign_texts_become_one_printable_line(foreign: str, shown: str) -> None:
    """Neither a second line nor an escape sequence reaches a terminal or a log."""
    assert str(ProjectError("lock-invalid", foreign)) == shown


@given(st.text())
def test_an_error_is_one_short_line_whatever_it_quotes(text: str) -> None:
    """The beginning says what is wrong, the end what helps; a long value is cut between them."""
    line = str(ProjectError("lock-invalid", f"uv.lock:1: {text * 100}: lock it again"))
    assert len(line.splitlines()) == 1
    assert len(line) <= 1500
    assert "\x1b" not in line
    assert (line[:11], line[-13:]) == ("uv.lock:1: ", "lock it again")


def test_the_tree_of_errors_is_drawn_in_the_module() -> None:
    """The docstring names every kind, and no other."""
    named = set(re.findall(r"`(\w+Error)`", errors.__doc__ or ""))
    assert named == {kind.__name__ for kind in KINDS} | {"ArtifactError"}
