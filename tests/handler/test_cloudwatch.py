"""The function's log."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from constructs_lib.core.log import log
from constructs_lib.handler.cloudwatch import LIBRARY, start_log

if TYPE_CHECKING:
    import pytest


class RootOfLambda(logging.Handler):
    """Stands for the handler that Lambda's runtime gives the root logger."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def test_each_step_is_one_line_with_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    """Also a text of several lines, and one with a percent sign."""
    start_log()
    log.info("copied %s", "100 %\n  done")
    log.warning("left over")
    first, second = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r" +\d+\.\d{3} s  copied 100 % done", first)
    assert second.endswith(" s  left over")


def test_a_line_holds_readable_characters_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """Events are logged before they are checked, and a log is read in a terminal."""
    start_log()
    log.info("%s", "Custom::\0\x1b[2J\ud800x")
    assert capsys.readouterr().out.endswith("Custom::\ufffd\ufffd[2J\ufffdx\n")


def test_lambda_neither_swallows_nor_repeats_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Its root logger is at WARNING and has a handler of its own."""
    root, theirs = logging.getLogger(), RootOfLambda()
    root.addHandler(theirs)
    try:
        start_log()
        log.info("plain")
        log.warning("warning")
    finally:
        root.removeHandler(theirs)
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert theirs.lines == []


def test_the_second_event_of_a_process_is_logged_once(capsys: pytest.CaptureFixture[str]) -> None:
    """The handler of the first one is replaced, handlers of others stay."""
    others = RootOfLambda()
    log.addHandler(others)
    start_log()
    start_log()
    log.info("plain")
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert others.lines == ["plain"]


def test_it_is_the_loggers_name_that_core_has() -> None:
    """The entry point does not import core to find it."""
    assert log.name == LIBRARY
