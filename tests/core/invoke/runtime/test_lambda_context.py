"""The context object and the log format."""

from __future__ import annotations

import logging
import re
import time
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.invoke.runtime import lambda_context
from constructs_lib.core.invoke.runtime.lambda_context import LambdaContext, set_up_logging

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "FUNCTION_NAME": "greeter",
        "FUNCTION_VERSION": "$LATEST",
        "FUNCTION_MEMORY_SIZE": "128",
        "LOG_GROUP_NAME": "/aws/lambda/greeter",
        "LOG_STREAM_NAME": "stream",
    }.items():
        monkeypatch.setenv(f"AWS_LAMBDA_{name}", value)


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """Yield the root logger, which has its handlers and level back afterwards."""
    logger = logging.getLogger()
    handlers, level = logger.handlers[:], logger.level
    logger.handlers.clear()
    yield logger
    logger.handlers[:] = handlers
    logger.setLevel(level)


def test_a_context_has_what_lambdas_has(capsys: pytest.CaptureFixture[str]) -> None:
    """Its memory limit is a text, and there is an identity object without a caller."""
    context = LambdaContext("arn:x", "id", time.time() + 3)
    assert (context.aws_request_id, context.invoked_function_arn) == ("id", "arn:x")
    assert (context.function_name, context.function_version) == ("greeter", "$LATEST")
    assert (context.log_group_name, context.log_stream_name) == ("/aws/lambda/greeter", "stream")
    assert context.memory_limit_in_mb == "128"
    assert context.identity.cognito_identity_id is None
    assert context.client_context is None
    context.log("as it is")
    assert capsys.readouterr().out == "as it is"


def test_the_remaining_time_ends_at_zero() -> None:
    assert 0 < LambdaContext("", "", time.time() + 300).get_remaining_time_in_millis() <= 300_000
    assert LambdaContext("", "", time.time() - 1).get_remaining_time_in_millis() == 0


def test_a_log_line(
    root: logging.Logger, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Level, time in UTC, request id and message, with tabs between them."""
    monkeypatch.setattr(lambda_context, "current_request_id", "id")
    set_up_logging()
    logging.warning("told %s", 1)  # noqa: LOG015 - as handlers do
    logging.info("not told")  # noqa: LOG015
    assert re.fullmatch(
        r"\[WARNING\]\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\tid\ttold 1\n", capsys.readouterr().out
    )


@pytest.mark.parametrize(("name", "level"), [("trace", "DEBUG"), ("INFO", "INFO"), ("nonsense", "WARNING")])
def test_a_level_of_the_environment(
    root: logging.Logger, monkeypatch: pytest.MonkeyPatch, name: str, level: str
) -> None:
    """One that is none changes nothing."""
    root.setLevel("WARNING")
    monkeypatch.setenv("AWS_LAMBDA_LOG_LEVEL", name)
    set_up_logging()
    assert logging.getLevelName(root.level) == level
