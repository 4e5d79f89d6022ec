"""The function's entry point. CloudFormation gets an answer whatever fails behind it."""

from __future__ import annotations

import logging
import traceback
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

# Standard library only, like this module: the answer must not depend on an import that can fail.
from constructs_lib.handler.cloudwatch import start_log
from constructs_lib.handler.response import Answer, Watchdog

if TYPE_CHECKING:
    from constructs_lib.handler.context import LambdaContext

_log = logging.getLogger(__name__)


def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Do what one CloudFormation event asks for and answer it exactly once."""
    answer = Answer(event)
    start_log()
    _log.info("%s %s %s", *(event.get(key) for key in ("RequestType", "ResourceType", "LogicalResourceId")))
    with Watchdog(answer, context.get_remaining_time_in_millis() / 1000):
        try:
            # Everything that can fail to import is imported here.
            from constructs_lib.handler.dispatch import dispatch

            outcome = dispatch(event, context, answer.published)
        except Exception as error:  # noqa: BLE001
            reason = _reason(error)
            sent = answer.fail(reason)
            _log.info("FAILED %s: %s", _place(error), reason)
        else:
            sent = answer.succeed(outcome.physical_id, outcome.data)
            _log.info("SUCCESS %s", outcome.physical_id)
        if not sent:
            _log.info("that was too late: the watchdog had answered")


def _reason(error: Exception) -> str:
    """Return type, id and message; the id is that of the page "Messages", and errors of others have none."""
    error_id = getattr(error, "id", "")
    return f"{type(error).__name__}{f'[{error_id}]' if error_id else ''}: {error}"


def _place(error: Exception) -> str:
    """Return the file and line of the raise, for the log only."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"({PurePath(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
