"""The function's entry point. Whatever goes wrong behind it, CloudFormation gets an answer."""

from __future__ import annotations

import traceback
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

# Standard library only, like this module: what answers must not depend on what may fail to import.
from constructs_lib.handler.response import Answer, Watchdog
from constructs_lib.handler.step_log import StepLog

if TYPE_CHECKING:
    from constructs_lib.handler.context import LambdaContext


def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Do what one CloudFormation event asks for and answer it exactly once."""
    answer = Answer(event)
    log = StepLog()
    log(f"{event.get('RequestType')} {event.get('ResourceType')} {event.get('LogicalResourceId')}")
    with Watchdog(answer, context.get_remaining_time_in_millis() / 1000, log):
        try:
            # Everything that can fail to import is imported here.
            from constructs_lib.handler.dispatch import dispatch

            outcome = dispatch(event, context, log=log, on_published=answer.published)
        except Exception as error:  # noqa: BLE001
            reason = f"{type(error).__name__}: {error}"
            sent = answer.fail(reason)
            log(f"FAILED {_place(error)}: {reason}")
        else:
            sent = answer.succeed(outcome.physical_id, outcome.data)
            log(f"SUCCESS {outcome.physical_id}")
        if not sent:
            log("that was too late: the watchdog had answered")


def _place(error: Exception) -> str:
    """Where it was raised: file and line, for the log only."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"({PurePath(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
