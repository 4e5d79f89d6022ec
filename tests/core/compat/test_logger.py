"""Lines go to the library's logger, and to a printer."""

from __future__ import annotations

import logging
import threading

import pytest

from constructs_lib.core.compat.logger import BaseLogger, KeywordLogger
from constructs_lib.core.log import log


def test_lines_are_printed_unless_verbose_is_off(capsys: pytest.CaptureFixture[str]) -> None:
    """By `print`, or by another function."""
    lines: list[str] = []
    BaseLogger().log("one")
    BaseLogger(printer=lines.append).log("two")
    BaseLogger(verbose=False, printer=lines.append).log("three")
    assert (capsys.readouterr().out, lines) == ("one\n", ["two"])


def test_every_line_reaches_the_librarys_logger(caplog: pytest.LogCaptureFixture) -> None:
    """Also with `verbose` off, so that an application that configures logging needs no printer."""
    with caplog.at_level(logging.INFO, "constructs_lib"):
        BaseLogger(verbose=False).log("100 % done")
    assert caplog.record_tuples == [("constructs_lib", logging.INFO, "100 % done")]


def test_headers_stand_out(capsys: pytest.CaptureFixture[str]) -> None:
    logger = BaseLogger()
    logger.log_header("Build")
    logger.log_sub_header("Install")
    logger.log_detail("uv sync")
    assert capsys.readouterr().out == "=== Build\n--- Install\n    uv sync\n"


def test_arguments_are_positional_here_and_keywords_only_in_classes_with_other_arguments() -> None:
    assert BaseLogger(False, print) == BaseLogger(verbose=False)
    with pytest.raises(TypeError, match="positional"):
        KeywordLogger(False)  # type: ignore[call-arg] # what is refused


def test_lines_of_the_block_are_printed_and_no_other() -> None:
    printed: list[str] = []
    with BaseLogger(printer=printed.append).printed_lines():
        log.info("one")
        other = threading.Thread(target=log.info, args=("of another thread",))
        other.start()
        other.join()
    log.info("after it")
    assert printed == ["one"]
    assert log.level == logging.NOTSET


def test_a_quiet_logger_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Nor does Python's handler of last resort."""
    with BaseLogger(verbose=False).printed_lines():
        log.warning("left over")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_the_applications_handlers_get_what_they_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    """A line that was below the level before is not forced on them."""
    with BaseLogger(printer=str).printed_lines():
        log.info("plain")
        log.warning("warning")
    assert caplog.messages == ["warning"]


def test_a_line_of_its_own_is_printed_once_in_the_block() -> None:
    printed: list[str] = []
    logger = BaseLogger(printer=printed.append)
    with logger.printed_lines():
        logger.log("one")
    assert printed == ["one"]
