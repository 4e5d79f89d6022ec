"""One request to an app, by the rules of ASGI and WSGI."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from constructs_lib.core.invoke.function_settings import WebCall
from constructs_lib.core.invoke.runtime.web_request import serve


def answer(app: Any, **request: Any) -> dict[str, Any]:  # noqa: ANN401 - what an app is depends on its protocol
    ready: list[str] = []
    document = serve(app, WebCall("shop:app", **request).request(), lambda: ready.append("ready"))
    assert ready == ["ready"]
    return document


class Echo:
    """An ASGI app that keeps what it was given."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.scope: dict[str, Any] = {}
        self.body = b""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI's shapes
        if scope["type"] == "lifespan":
            scope["state"]["db"] = "open"
            for _ in range(2):
                event = (await receive())["type"]
                self.events.append(event)
                await send({"type": f"{event}.complete"})
            return
        self.scope = scope
        self.body = (await receive())["body"]
        headers = [(b"Content-Type", b"text/plain"), (b"Vary", b"a"), (b"vary", b"b")]
        cookies = [(b"Set-Cookie", b"a=1"), (b"Set-Cookie", b"b=2")]
        await send({"type": "http.response.start", "status": 201, "headers": [*headers, *cookies]})
        await send({"type": "http.response.body", "body": b"one ", "more_body": True})
        await send({"type": "http.response.body", "body": b"two"})
        self.events.append((await receive())["type"])


def test_an_asgi_app_starts_answers_and_ends() -> None:
    """Lifespan, request, response in pieces, disconnect, in this order."""
    echo = Echo()
    document = answer(
        echo, path="/a%20b/%C3%A9?x=1&y=%20", method="post", headers=[("X-A", "b")], body=b"content"
    )
    assert document == {
        "statusCode": 201,
        "headers": {"content-type": "text/plain", "vary": "a, b"},
        "cookies": ["a=1", "b=2"],
        "body": "one two",
        "isBase64Encoded": False,
    }
    assert echo.events == ["lifespan.startup", "http.disconnect", "lifespan.shutdown"]
    assert echo.body == b"content"
    scope = echo.scope
    assert (scope["method"], scope["path"], scope["raw_path"]) == ("POST", "/a b/é", b"/a%20b/%C3%A9")
    assert scope["query_string"] == b"x=1&y=%20"
    assert scope["headers"] == [(b"host", b"localhost"), (b"x-a", b"b"), (b"content-length", b"7")]
    assert scope["state"] == {"db": "open"}


def test_lifespan_need_not_be_supported() -> None:
    """The specification lets an app raise; the request is served all the same."""

    async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401
        assert scope["type"] == "http"
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})

    assert answer(app)["statusCode"] == 204


def test_a_start_that_fails_is_an_error() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    with pytest.raises(RuntimeError, match="the app's startup failed: no database"):
        serve(app, WebCall("shop:app").request(), lambda: None)


def test_an_app_without_a_response_is_an_error() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401
        return

    with pytest.raises(RuntimeError, match="the app ended without a response"):
        serve(app, WebCall("shop:app").request(), lambda: None)


def test_bytes_that_are_no_text_are_base64() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"\xff"})

    document = answer(app)
    assert document["isBase64Encoded"]
    assert base64.b64decode(document["body"]) == b"\xff"


def test_a_wsgi_app() -> None:
    """Request variables as PEP 3333 names them; the iterable is closed."""
    seen: dict[str, Any] = {}

    class Chunks(list[bytes]):
        def close(self) -> None:
            seen["closed"] = True

    def app(environ: dict[str, Any], start_response: Any) -> Chunks:  # noqa: ANN401
        seen.update(environ, body=environ["wsgi.input"].read())
        write = start_response("200 OK", [("Content-Type", "text/plain")])
        write(b"first ")
        return Chunks([b"second"])

    headers = [("Content-Type", "text/csv"), ("X-A", "b")]
    document = answer(app, protocol="wsgi", path="/caf%C3%A9?a=b", method="put", headers=headers, body=b"123")
    assert document == {
        "statusCode": 200,
        "headers": {"content-type": "text/plain"},
        "body": "first second",
        "isBase64Encoded": False,
    }
    assert seen["closed"]
    assert (seen["REQUEST_METHOD"], seen["QUERY_STRING"], seen["body"]) == ("PUT", "a=b", b"123")
    assert seen["PATH_INFO"].encode("latin-1").decode() == "/café"
    assert (seen["CONTENT_TYPE"], seen["CONTENT_LENGTH"], seen["HTTP_X_A"]) == ("text/csv", "3", "b")
    assert seen["HTTP_HOST"] == "localhost"


def test_a_wsgi_app_gets_all_of_a_request() -> None:
    """Headers of one name are joined as HTTP does; a query with other characters is UTF-8 in Latin-1, as the path is."""
    seen: dict[str, Any] = {}

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:  # noqa: ANN401
        seen.update(environ)
        start_response("200 OK", [])
        return []

    headers = [("X-A", "1"), ("x-a", "2"), ("Cookie", "a=1"), ("Cookie", "b=2"), ("Host", "shop.example")]
    answer(app, protocol="wsgi", path="/?q=☃", headers=headers)
    assert (seen["HTTP_X_A"], seen["HTTP_COOKIE"], seen["HTTP_HOST"]) == ("1, 2", "a=1; b=2", "shop.example")
    assert seen["QUERY_STRING"].encode("latin-1").decode() == "q=☃"
