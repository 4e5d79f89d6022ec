"""One HTTP request to an ASGI or WSGI app, without a server."""

from __future__ import annotations

import asyncio
import base64
import io
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    Send = Callable[[dict[str, Any]], Awaitable[None]]
    App = Callable[..., Any]

_ASGI = {"version": "3.0", "spec_version": "2.4"}


class Response:
    """The response of an app."""

    def __init__(self) -> None:
        self.status = 0
        """0 as long as nothing was sent."""
        self.headers: list[tuple[str, str]] = []
        self.body = b""

    def document(self) -> dict[str, Any]:
        """Return it in the form of API Gateway's payload 2.0; raise if the app sent none."""
        if not self.status:
            raise RuntimeError("the app ended without a response")
        headers: dict[str, str] = {}
        cookies = []
        for name, value in self.headers:
            if name == "set-cookie":
                cookies.append(value)
            else:
                headers[name] = f"{headers[name]}, {value}" if name in headers else value
        document: dict[str, Any] = {"statusCode": self.status, "headers": headers}
        if cookies:
            document["cookies"] = cookies
        try:
            return {**document, "body": self.body.decode(), "isBase64Encoded": False}
        except UnicodeDecodeError:
            return {**document, "body": base64.b64encode(self.body).decode(), "isBase64Encoded": True}


def serve(app: App, request: dict[str, Any], ready: Callable[[], object]) -> dict[str, Any]:
    """Send the request to the app; `ready` is called between the app's start and the request."""
    body = base64.b64decode(request["body"])
    if request["protocol"] == "wsgi":
        ready()
        return _wsgi(app, request, body)
    return asyncio.run(_asgi(app, request, body, ready))


# --- ASGI ------------------------------------------------------------------------------------------------


class Lifespan:
    """The start and the end of an ASGI app, which an app need not support."""

    def __init__(self, app: App) -> None:
        self.state: dict[str, Any] = {}
        self._app = app
        self._to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": _ASGI, "state": self.state}
        await self._app(scope, self._to_app.get, self._from_app.put)

    async def _tell(self, event: str) -> None:
        """Send an event and wait for its answer, or for the end of the app's task."""
        if self._task is None or self._task.done():
            return
        await self._to_app.put({"type": f"lifespan.{event}"})
        answer = asyncio.ensure_future(self._from_app.get())
        await asyncio.wait({answer, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            answer.cancel()  # an app without lifespan raises, or returns: both are allowed
            if not self._task.cancelled():
                self._task.exception()
        elif answer.result()["type"].endswith(".failed"):
            reason = answer.result().get("message") or "it gave no reason"
            raise RuntimeError(f"the app's {event} failed: {reason}")

    async def start(self) -> None:
        self._task = asyncio.ensure_future(self._run())
        await self._tell("startup")

    async def end(self) -> None:
        await self._tell("shutdown")


def _scope(request: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
    path, _, query = request["path"].partition("?")
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in request["headers"]
    ]
    return {
        "type": "http",
        "asgi": _ASGI,
        "http_version": "1.1",
        "method": request["method"],
        "scheme": "https",
        "path": unquote_to_bytes(path).decode(errors="replace"),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 0),
        "server": ("localhost", 443),
        "state": dict(state),
    }


async def _asgi(
    app: App, request: dict[str, Any], body: bytes, ready: Callable[[], object]
) -> dict[str, Any]:
    lifespan = Lifespan(app)
    await lifespan.start()
    ready()
    response, sent = Response(), asyncio.Event()
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if waiting:
            return waiting.pop()
        await sent.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            response.status = message["status"]
            pairs = message.get("headers", ())
            response.headers = [
                (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in pairs
            ]
        elif message["type"] == "http.response.body":
            response.body += bytes(message.get("body", b""))
            if not message.get("more_body", False):
                sent.set()

    await app(_scope(request, lifespan.state), receive, send)
    await lifespan.end()
    return response.document()


# --- WSGI ------------------------------------------------------------------------------------------------


def _environ(request: dict[str, Any], body: bytes) -> dict[str, Any]:
    path, _, query = request["path"].partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query.encode().decode("latin-1"),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": True,
    }
    for name, value in request["headers"]:
        key = name.upper().replace("-", "_")
        if key in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            environ[key] = value
            continue
        key, separator = f"HTTP_{key}", "; " if key == "COOKIE" else ", "
        environ[key] = f"{environ[key]}{separator}{value}" if key in environ else value
    return environ


def _wsgi(app: App, request: dict[str, Any], body: bytes) -> dict[str, Any]:
    response = Response()
    written: list[bytes] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], _exc_info: object = None
    ) -> Callable[[bytes], object]:
        response.status = int(status.partition(" ")[0])
        response.headers = [(name.lower(), value) for name, value in headers]
        return written.append

    chunks: Iterable[bytes] = app(_environ(request, body), start_response)
    try:
        written.extend(chunks)
    finally:
        if close := getattr(chunks, "close", None):
            close()
    response.body = b"".join(written)
    return response.document()
