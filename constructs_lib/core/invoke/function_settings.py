"""A function's configuration, a request to a web app, and the answer of an invocation."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from constructs_lib.core.aws_facts import DEFAULT_MEMORY, DEFAULT_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Protocol: TypeAlias = Literal["asgi", "wsgi"]


@dataclass(frozen=True)
class FunctionSettings:
    """The configuration of a function; the defaults are Lambda's."""

    timeout: float = DEFAULT_TIMEOUT
    """Seconds for one invocation; importing the handler has ten of its own."""
    memory: int = DEFAULT_MEMORY
    """MB that the function's processes may have together."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Its environment variables, which may replace those that Lambda sets."""
    name: str = "function"


@dataclass(frozen=True)
class HandlerCall:
    """A handler, and the event that it is called with."""

    handler: str
    """`package.module.function`."""
    event: bytes = b"{}"
    """JSON."""


@dataclass(frozen=True)
class WebCall:
    """An ASGI or WSGI app, and one request to it."""

    app: str
    """`package.module:app`."""
    path: str = "/"
    """With the query: `/items?page=2`."""
    method: str = "GET"
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = field(default=b"", repr=False)
    protocol: Protocol = "asgi"

    def request(self) -> dict[str, Any]:
        """Return what the function's process is told."""
        return {
            "app": self.app,
            "path": self.path,
            "method": self.method.upper(),
            "headers": [("host", "localhost"), *self.headers],
            "body": base64.b64encode(self.body).decode(),
            "protocol": self.protocol,
        }


class Answer(NamedTuple):
    """The result of one invocation."""

    payload: bytes
    """JSON; an answer that is bytes is returned as it is."""
    failed: bool
    """True if `payload` describes an error, by `errorType` and `errorMessage`."""
