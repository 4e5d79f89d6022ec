"""A function's configuration."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.invoke.function_settings import FunctionSettings, HandlerCall, WebCall


def test_the_defaults_are_lambdas() -> None:
    """A function that needs more is configured so, here as there."""
    settings = FunctionSettings()
    assert (settings.timeout, settings.memory, settings.environment) == (3, 128, {})


def test_a_request_travels_as_json() -> None:
    """Its body may be anything; it always has a host."""
    request = WebCall("shop:app", method="post", headers=[("accept", "*/*")], body=b"\xff").request()
    assert request["method"] == "POST"
    assert request["headers"] == [("host", "localhost"), ("accept", "*/*")]
    assert base64.b64decode(request["body"]) == b"\xff"


def test_an_event_is_bytes() -> None:
    """A text or a dictionary is refused at once, with the type that it must be."""
    for event in ("{}", 1):
        with pytest.raises(ProjectError, match=r"HandlerCall: event is .* it must be bytes"):
            HandlerCall("app.handler", event)  # type: ignore[arg-type]


def test_no_value_of_the_environment_is_shown() -> None:
    """It may be a password."""
    assert "hunter2" not in repr(FunctionSettings(environment={"PASSWORD": "hunter2"}))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"timeout": 0}, "timeout is 0; Lambda has functions with more than 0 and up to 900"),
        ({"timeout": float("nan")}, "timeout is nan"),
        ({"memory": 64}, "memory is 64"),
        ({"environment": {"A B": "hunter2"}}, "environment has 'A B'"),
        ({"environment": {"A": "hunter2\0"}}, "environment has 'A'"),
    ],
)
def test_a_function_that_lambda_could_not_have(fields: dict[str, Any], said: str) -> None:
    """One line, which shows no value of a variable."""
    with pytest.raises(ProjectError) as caught:
        FunctionSettings(**fields)
    assert str(caught.value).startswith(said)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"path": "x"}, "path is 'x': it must begin with a slash, /x"),
        ({"headers": [("X A", "hunter2")]}, "the header 'X A' cannot be sent"),
        ({"headers": [("X", "hunter2\r\nY: 1")]}, "the header 'X' cannot be sent"),
        ({"headers": [("X", "☃")]}, "the header 'X' cannot be sent"),
    ],
)
def test_a_request_that_cannot_be_sent(fields: dict[str, Any], said: str) -> None:
    """One line, which shows no value of a header."""
    with pytest.raises(ProjectError) as caught:
        WebCall("shop:app", **fields)
    assert str(caught.value).startswith(said)
    assert "hunter2" not in str(caught.value)
