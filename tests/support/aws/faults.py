"""Steps that a request can go through on its way to AWS, for `World.next`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocore.awsrequest import AWSPreparedRequest

    Send = Callable[[AWSPreparedRequest], AWSResponse]
    Step = Callable[[AWSPreparedRequest, Send], AWSResponse | None]


class _Body:
    """The raw body of a response, as urllib3 would hand it over."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._content

    def read(self, *_: Any, **__: Any) -> bytes:
        content, self._content = self._content, b""
        return content


def respond(request: AWSPreparedRequest, status: int, headers: dict[str, str], body: bytes) -> AWSResponse:
    return AWSResponse(request.url, status, headers, _Body(body))  # type: ignore[arg-type]


def refuse(
    status: int, code: str, message: str = "injected", **headers: str
) -> Callable[[AWSPreparedRequest, Send], AWSResponse]:
    """Let AWS refuse without acting."""

    def step(request: AWSPreparedRequest, _send: Send) -> AWSResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if "s3." in request.url.split("/")[2]:
            text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
            return respond(request, status, {"content-type": "application/xml", **named}, text.encode())
        if "cloudformation." in request.url.split("/")[2]:
            text = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
            return respond(request, status, {"content-type": "text/xml", **named}, text.encode())
        body = json.dumps({"Type": "User", "message": message, "Message": message}).encode()
        return respond(request, status, {"x-amzn-errortype": code, **named}, body)

    return step


def pass_on(request: AWSPreparedRequest, send: Send) -> AWSResponse:
    """Send the request as it is."""
    return send(request)


def lose_request(request: AWSPreparedRequest, _send: Send) -> AWSResponse:
    """Lose the request before AWS gets it."""
    raise ReadTimeoutError(endpoint_url=request.url.split("?")[0])


def lose_response(request: AWSPreparedRequest, send: Send) -> AWSResponse:
    """Lose the answer after AWS has acted."""
    send(request)
    return lose_request(request, send)


def do_and_refuse(status: int, code: str) -> Step:
    """Let AWS act and answer a failure."""

    def step(request: AWSPreparedRequest, send: Send) -> AWSResponse | None:
        send(request)
        return refuse(status, code)(request, send)

    return step


def first(act: Callable[[], object]) -> Step:
    """Let something else happen just before."""

    def step(request: AWSPreparedRequest, send: Send) -> AWSResponse:
        act()
        return send(request)

    return step


def crash(_request: AWSPreparedRequest, _send: Send) -> AWSResponse:
    """End the process here."""
    raise CrashError


class CrashError(Exception):
    """Stands for the end of the process."""
