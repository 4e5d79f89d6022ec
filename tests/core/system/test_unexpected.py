"""Failures that no code expects."""

from __future__ import annotations

import pytest

from constructs_lib.core.errors import ArtifactError, ProjectError
from constructs_lib.core.system.unexpected import UnexpectedError, guarding, traceback_of


def test_a_surprise_is_one_line_about_the_input() -> None:
    """With its kind, the first line of its text, and without passwords; the traceback is kept."""
    with pytest.raises(UnexpectedError) as caught, guarding("app/uv.lock"):
        raise KeyError("https://bob:secret@host/\nsecond line")
    text = str(caught.value)
    assert text.startswith("app/uv.lock: unexpected KeyError: ")
    assert len(text.splitlines()) == 1
    assert len(text) < 500
    assert "secret" not in text + traceback_of(caught.value)
    assert "test_unexpected.py" in traceback_of(caught.value)


def test_a_long_or_empty_text_is_no_trouble() -> None:
    for error in (ValueError("x" * 5000), RuntimeError()):
        with pytest.raises(UnexpectedError) as caught, guarding("x"):
            raise error
        assert len(str(caught.value)) < 500


def test_errors_on_purpose_and_interrupts_pass() -> None:
    """They are not wrapped, and have no traceback to show."""
    for error in (ProjectError("lock-stale", "stale"), KeyboardInterrupt(), SystemExit()):
        with pytest.raises(type(error)) as caught, guarding("x"):
            raise error
        assert not isinstance(caught.value, UnexpectedError)
        assert traceback_of(caught.value) == ""
    assert issubclass(UnexpectedError, ArtifactError)
