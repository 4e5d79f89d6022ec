"""A function's configuration, a request to a web app, and the answer of an invocation."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from constructs_lib.core.argument_types import check_fields
from constructs_lib.core.aws_facts import DEFAULT_MEMORY, DEFAULT_TIMEOUT, LONGEST_TIMEOUT, MOST_MEMORY
from constructs_lib.core.errors import ProjectError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Protocol: TypeAlias = Literal["asgi", "wsgi"]
VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f\u0100-\U0010ffff]*")


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

    def __post_init__(self) -> None:
        for label, value, least, most in (
            ("timeout", self.timeout, 0, LONGEST_TIMEOUT),
            ("memory", self.memory, DEFAULT_MEMORY - 1, MOST_MEMORY),
        ):
            if not least < value <= most:
                problem = f"{label} is {value}; Lambda has functions with more than {least} and up to {most}: choose such a one"
                raise ProjectError("function-unfit", problem)
        for name, text in self.environment.items():
            # The value may be a password, so it is not shown.
            if not VARIABLE_NAME.fullmatch(name) or "\0" in text:
                raise ProjectError(
                    "function-unfit",
                    f"environment has {name!r}: a name has ASCII letters, digits and underscores, and a value no NUL",
                )


@dataclass(frozen=True)
class HandlerCall:
    """A handler, and the event that it is called with."""

    handler: str
    """`package.module.function`."""
    event: bytes = b"{}"
    """JSON."""

    def __post_init__(self) -> None:
        check_fields(self)


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

    def __post_init__(self) -> None:
        if not self.path.startswith("/"):
            raise ProjectError(
                "request-unfit", f"path is {self.path!r}: it must begin with a slash, /{self.path}"
            )
        for name, value in self.headers:
            # The value may be a password, so it is not shown.
            if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
                text = f"the header {name!r} cannot be sent: HTTP allows Latin-1 without line breaks in its value"
                raise ProjectError("request-unfit", text)

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


class FunctionAnswer(NamedTuple):
    """The result of one invocation."""

    payload: bytes
    """JSON; an answer that is bytes is returned as it is."""
    failed: bool
    """True if `payload` describes an error, by `errorType` and `errorMessage`."""
