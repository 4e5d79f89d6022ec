"""The library's one logger. No handler is added to it: applications decide where its lines go."""

import logging

log = logging.getLogger("constructs_lib")
TRACE = 5
"""The level below DEBUG: the steps behind a result, such as commands, requests and files that the store has."""


def trace(text: str, *values: object) -> None:
    """Log a line of level TRACE."""
    log.log(TRACE, text, *values)
