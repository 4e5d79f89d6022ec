"""The library's log lines for users of a printer."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from constructs_lib.core.compat.logger import BaseLogger
from constructs_lib.core.log import log

if TYPE_CHECKING:
    import pytest


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
