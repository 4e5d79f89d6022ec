"""The function's log: one plain line per step on stdout, which Lambda sends to CloudWatch.

Properties and the ResponseURL are never logged. Standard library only, as everything that answers CloudFormation.
"""

from __future__ import annotations

import logging
import sys
import time

LIBRARY = __name__.partition(".")[0]
"""The library's logger: `core.log` and the modules of this room log below it."""


class StepHandler(logging.StreamHandler):  # type: ignore[type-arg] # at run time it takes no type argument
    """Writes lines with the seconds since the handler was made."""

    def __init__(self) -> None:
        super().__init__(sys.stdout)
        self._start = time.monotonic()

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's text on one line of readable characters, after the time."""
        text = " ".join(record.getMessage().split())
        line = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
        return f"{time.monotonic() - self._start:8.3f} s  {line}"


def start_log() -> None:
    """Log every step of one event to stdout, once.

    Lambda's root logger drops lines below WARNING and would print each line a second time. A process serves many
    events, so the handler of the earlier one is replaced.
    """
    logger = logging.getLogger(LIBRARY)
    for handler in list(logger.handlers):
        if isinstance(handler, StepHandler):
            logger.removeHandler(handler)
    logger.addHandler(StepHandler())
    logger.setLevel(logging.INFO)
    logger.propagate = False
