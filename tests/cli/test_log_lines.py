"""The library's log lines on stderr."""

from __future__ import annotations

import io
import logging
import re
from contextlib import redirect_stderr
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.cli.log_lines import log_to_stderr
from constructs_lib.core.log import log, trace

if TYPE_CHECKING:
    import pytest


def test_lines_are_shown_while_a_command_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """From INFO on; a warning is marked. Stdout is for results."""
    with log_to_stderr(quiet=False):
        log.debug("hidden")
        log.info("published %s", "arn")
        log.warning("fetched again")
    log.info("afterwards")
    assert capsys.readouterr() == ("", "published arn\nwarning: fetched again\n")


def test_quiet_leaves_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    with log_to_stderr(quiet=True):
        log.info("published")
        log.warning("fetched again")
    assert capsys.readouterr().err == "warning: fetched again\n"


def test_the_logger_is_left_as_it_was() -> None:
    """A program that runs commands of its own has its own handlers and level."""
    before = list(log.handlers), log.level
    with log_to_stderr(quiet=True):
        assert log.level == logging.WARNING
    assert (list(log.handlers), log.level) == before


@given(st.text())
def test_any_record_is_one_line_that_a_terminal_shows_as_it_is(text: str) -> None:
    """A warning may quote what a server or a file of somebody else holds."""
    written = io.StringIO()
    with redirect_stderr(written), log_to_stderr(quiet=True):
        log.warning("index: %s", text)
    line = written.getvalue()
    assert line.startswith("warning: index: ")
    assert line.count("\n") == len(line.splitlines()) == 1
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", line)


def test_details_keep_their_lines_and_no_password(capsys: pytest.CaptureFixture[str]) -> None:
    """What a build wrote, on demand; warnings are collected for those who count them."""
    warnings: list[str] = []
    with log_to_stderr(quiet=False, verbosity=1, warnings=warnings):
        log.debug("first\nhttps://me:s3cret@index.example/\n\x1b[31mred")
        log.warning("take it off ignore_package_list")
    first, second, third, fourth = capsys.readouterr().err.splitlines()
    assert (first, "s3cret" in second, third) == ("first", False, "red")
    assert fourth == f"warning: {warnings[0]}"
    assert "--ignore" in warnings[0]
    with log_to_stderr(quiet=False):
        log.debug("nothing")
    assert capsys.readouterr().err == ""


def test_twice_verbose_adds_the_steps(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also by a number above two; a password of the environment is masked wherever it appears."""
    monkeypatch.setenv("UV_INDEX_VAULT_PASSWORD", "s3cret")
    for verbosity in range(4):
        with log_to_stderr(quiet=False, verbosity=verbosity):
            trace("GET /s3cret/")
    with log_to_stderr(quiet=True, verbosity=2):
        trace("GET")
    assert capsys.readouterr().err == "GET /****/\n" * 2
