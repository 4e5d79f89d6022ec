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
    assert request["headers"] == [("host", "localhost"), ("accept", "*/*"), ("content-length", "1")]
    assert base64.b64decode(request["body"]) == b"\xff"


def test_headers_that_are_given_are_the_only_ones_of_their_name() -> None:
    """A second host would hide the one that was asked for."""
    headers = [("HOST", "shop.example"), ("Content-Length", "9")]
    assert WebCall("shop:app", headers=headers, body=b"x").request()["headers"] == headers


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"timeout": "3"}, "FunctionSettings: timeout is '3' (str); it must be float"),
        ({"timeout": True}, "FunctionSettings: timeout is True (bool); it must be float"),
        ({"memory": 512.5}, "FunctionSettings: memory is 512.5 (float); it must be int"),
        (
            {"environment": {"A": 1}},
            "FunctionSettings: environment is of type dict; it must be Mapping[str, str]",
        ),
        (
            {"environment": "A=hunter2"},
            "FunctionSettings: environment is of type str; it must be Mapping[str, str]",
        ),
        ({"name": None}, "FunctionSettings: name is of type NoneType; it must be str"),
    ],
)
def test_settings_of_a_wrong_type(fields: dict[str, Any], text: str) -> None:
    """One line with the type that it must be; no value of a variable is shown."""
    with pytest.raises(ProjectError) as caught:
        FunctionSettings(**fields)
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"path": None}, "WebCall: path is of type NoneType; it must be str"),
        ({"method": 1}, "WebCall: method is 1 (int); it must be str"),
        (
            {"headers": {"A": "hunter2"}},
            "WebCall: headers is of type dict; it must be a list of tuple[str, str]",
        ),
        ({"headers": ["A: hunter2"]}, "WebCall: headers[0] is of type str; it must be tuple[str, str]"),
        (
            {"headers": [("A", "b"), ("A", 1)]},
            "WebCall: headers[1] is of type tuple; it must be tuple[str, str]",
        ),
        ({"body": "text"}, "WebCall: body is of type str; it must be bytes"),
        ({"protocol": "wsig"}, "protocol is 'wsig'; it must be asgi or wsgi"),
    ],
)
def test_a_request_of_wrong_types(fields: dict[str, Any], text: str) -> None:
    """As for the settings; neither body nor header is shown."""
    with pytest.raises(ProjectError) as caught:
        WebCall("shop:app", **fields)
    assert str(caught.value) == text


def test_an_event_is_bytes() -> None:
    """A text or a dictionary is refused at once, with the type that it must be."""
    for event in ('"hunter2"', {"password": "hunter2"}):
        with pytest.raises(
            ProjectError, match=r"HandlerCall: event is of type .* it must be bytes"
        ) as caught:
            HandlerCall("app.handler", event)  # type: ignore[arg-type]
        assert "hunter2" not in str(caught.value)


def test_no_value_of_the_environment_is_shown() -> None:
    """It may be a password."""
    assert "hunter2" not in repr(FunctionSettings(environment={"PASSWORD": "hunter2"}))


def test_no_header_and_no_body_is_shown() -> None:
    """`Authorization` is one; nor is an event."""
    assert "hunter2" not in repr(HandlerCall("app.handler", b'"hunter2"'))
    assert "hunter2" not in repr(WebCall("shop:app", headers=[("Authorization", "hunter2")], body=b"hunter2"))


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
        ({"path": "x?token=hunter2"}, "path is 'x': it must begin with a slash, /x"),
        (
            {"path": "/x\r\nY: 1"},
            r"path is '/x\r\nY: 1': HTTP has neither line breaks, other control characters",
        ),
        ({"path": "/\udcff?token=hunter2"}, r"path is '/\udcff': HTTP has neither line breaks"),
        ({"method": "GE T"}, "method is 'GE T': HTTP has words without spaces there, such as GET"),
        ({"method": ""}, "method is ''"),
        ({"headers": [("X A", "hunter2")]}, "the header 'X A' cannot be sent"),
        ({"headers": [("X", "hunter2\r\nY: 1")]}, "the header 'X' cannot be sent"),
        ({"headers": [("X", "☃")]}, "the header 'X' cannot be sent"),
    ],
)
def test_a_request_that_cannot_be_sent(fields: dict[str, Any], said: str) -> None:
    """One line, which shows no value of a header and no query."""
    with pytest.raises(ProjectError) as caught:
        WebCall("shop:app", **fields)
    assert str(caught.value).startswith(said)
    assert "hunter2" not in str(caught.value)
