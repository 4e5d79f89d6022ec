"""The logger's lowest level."""

from __future__ import annotations

import logging

from constructs_lib.core.log import TRACE, log, trace
from tests.support.library_log import LineHandler, unchanged_log


def test_a_trace_needs_a_lower_level_than_details() -> None:
    """Who asks for what programs wrote gets no line for each file."""
    lines: list[str] = []
    with unchanged_log():
        log.addHandler(LineHandler(lines))
        for level in (logging.DEBUG, TRACE):
            log.setLevel(level)
            trace("GET %s", level)
    assert lines == [f"GET {TRACE}"]
