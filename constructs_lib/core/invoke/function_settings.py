"""A function's configuration, a request to a web app, and the answer of an invocation."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, get_args

from constructs_lib.core.argument_types import check_fields
from constructs_lib.core.aws_facts import DEFAULT_MEMORY, DEFAULT_TIMEOUT, LONGEST_TIMEOUT, MOST_MEMORY
from constructs_lib.core.errors import ProjectError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Protocol: TypeAlias = Literal["asgi", "wsgi"]
VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""HTTP's word for methods and names of headers."""
_PATH = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]*")
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
        check_fields(self)
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
    event: bytes = field(default=b"{}", repr=False)
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
    headers: Sequence[tuple[str, str]] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    protocol: Protocol = "asgi"

    def __post_init__(self) -> None:
        check_fields(self)
        if self.protocol not in get_args(Protocol):
            text = f"protocol is {self.protocol!r}; it must be {' or '.join(get_args(Protocol))}"
            raise ProjectError("request-unfit", text)
        if not _TOKEN.fullmatch(self.method):
            text = f"method is {self.method!r}: HTTP has words without spaces there, such as GET"
            raise ProjectError("request-unfit", text)
        # The query may have a token, and a header's value may be a password: neither is shown.
        path = self.path.partition("?")[0]
        if not path.startswith("/"):
            raise ProjectError("request-unfit", f"path is {path!r}: it must begin with a slash, /{path}")
        if not _PATH.fullmatch(self.path):
            text = (
                f"path is {path!r}: HTTP has neither line breaks, other control characters nor bytes that are no UTF-8 "
                "in it and its query: write them as %0A for instance"
            )
            raise ProjectError("request-unfit", text)
        for name, value in self.headers:
            if not _TOKEN.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
                text = f"the header {name!r} cannot be sent: HTTP allows Latin-1 without line breaks in its value"
                raise ProjectError("request-unfit", text)

    def request(self) -> dict[str, Any]:
        """Return the request in the form that the function's process reads."""
        names = {name.lower() for name, _ in self.headers}
        headers = list(self.headers)
        if "host" not in names:
            headers.insert(0, ("host", "localhost"))
        if self.body and "content-length" not in names:
            headers.append(("content-length", str(len(self.body))))
        return {
            "app": self.app,
            "path": self.path,
            "method": self.method.upper(),
            "headers": headers,
            "body": base64.b64encode(self.body).decode(),
            "protocol": self.protocol,
        }


class FunctionAnswer(NamedTuple):
    """The result of one invocation."""

    payload: bytes
    """JSON; an answer that is bytes is returned as it is."""
    failed: bool
    """True if `payload` describes an error, by `errorType` and `errorMessage`."""
