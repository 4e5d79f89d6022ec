"""HTTP sessions: each request with the login of its host, redirects followed here, every failure one FetchError."""

from __future__ import annotations

import base64
import os
import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

from constructs_lib.core.errors import FetchError
from constructs_lib.core.index.allowance import Allowance
from constructs_lib.core.log import trace
from constructs_lib.core.system.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import requests

    from constructs_lib.core.index.auth import Access, Login
    from constructs_lib.core.index.transport import Transport

ATTEMPTS = 4
"""Tries for each file before giving up, with a growing pause between them."""
TIMEOUT = (10, 60)
"""Seconds to connect, and between two pieces of an answer."""
AS_IT_IS = {"Accept-Encoding": "identity"}
"""Headers of a request for a file, whose bytes are hashed as they come."""
_PIECE = 1 << 18
_REDIRECTS = 10
_OBJECT = r"^(?:<[^>]*>|\w+\(host=[^)]*\)): "
"""The connection that urllib3's texts begin with, as Python prints an object."""
_BROKEN_OFF = r"^IncompleteRead\((.*)\)$"
_NO_ANSWER = (
    "; is there a network, or a proxy to name in HTTPS_PROXY? A store that has every file needs neither"
)
_LARGEST_PAGE = 100_000_000
"""Bytes; the largest page of the public index has a fifth of that."""


class InterruptedDownloadError(Exception):
    """A response that began well and broke off: worth a second try, which `Retry` does not make."""


class Sessions(threading.local):
    """One session for each thread, since requests does not share sessions; the connections are shared."""

    def __init__(self, access: Access, transport: Transport) -> None:
        import requests

        self.access = access
        self.session = requests.Session()
        # requests would prepare the redirect too, and drop the open connection where its address is none.
        self.session.get_redirect_target = lambda _: None  # type: ignore[assignment,method-assign]
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, transport)

    def get(
        self, url: str, index: str | None, headers: Mapping[str, str] = AS_IT_IS
    ) -> tuple[requests.Response, Login | None]:
        """Return the response for the address, and the login that was sent for it; `index` is where it belongs to.

        Redirects are followed here, so that the login is chosen anew for each address: none is sent to another host.
        """
        import requests

        start = url
        for _ in range(_REDIRECTS):
            login = self.access.login(url, index, start)
            response = self._get(url, login, headers)
            if response.status_code == 401 and login is None:
                login = self.access.login_after_refusal(url, index)
                if login is not None:
                    response.close()
                    response = self._get(url, login, headers)
            try:
                target = requests.Session.get_redirect_target(self.session, response)
                if target is None:
                    return response, login
                url = _web_address(urljoin(url, target))
            except ValueError:
                response.close()
                raise
            response.close()
        raise requests.TooManyRedirects(f"more than {_REDIRECTS} redirects")

    def stream(self, url: str, index: str | None, failed: str, size: int | None = None) -> Iterator[bytes]:
        """Yield the bytes of a file as they come, at most `size` of them; a FetchError begins with `failed`."""
        allowance = Allowance(failed, size)
        with one_line(failed):
            response, login = self.get(url, index)
            with response:
                if not response.ok:
                    raise refusal(failed, response, login)
                length = response.headers.get("Content-Length", "")
                allowance.announce(int(length) if length.isdecimal() else None)
                yield from _pieces(response, allowance)
                allowance.close()

    def _get(self, url: str, login: Login | None, headers: Mapping[str, str]) -> requests.Response:
        headers = dict(headers)
        if login is not None:
            pair = f"{login.username}:{login.password}".encode()  # UTF-8, as uv does; requests takes Latin-1
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        response = self.session.get(
            url,
            stream=True,
            timeout=TIMEOUT,
            headers=headers,
            auth=_unchanged,
            allow_redirects=False,
        )
        user = f"login from {login.origin}" if login else "no login"
        seconds = response.elapsed.total_seconds()
        trace(
            "GET %s: HTTP %d, %s, first byte after %.2f s", redact(url), response.status_code, user, seconds
        )
        return response


def _web_address(url: str) -> str:
    if urlsplit(url).scheme not in ("https", "http"):
        raise ValueError(f"it redirects to {redact(url)}, which is no web address")
    return url


def _pieces(response: requests.Response, allowance: Allowance, *, decode: bool = False) -> Iterator[bytes]:
    """Yield what each read from the network gives: `stream` would wait until a large piece is complete."""
    while piece := response.raw.read1(_PIECE, decode_content=decode):
        allowance.take(len(piece))
        yield piece


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Return the request as it is: without an `auth`, requests takes a login from netrc or the address itself."""
    return request


@contextmanager
def one_line(failed: str) -> Iterator[None]:
    """Turn what requests raises into a FetchError that begins with `failed`."""
    import requests
    import urllib3

    try:
        yield
    except urllib3.exceptions.HTTPError as error:
        raise InterruptedDownloadError(f"{failed}: {redact(_cause(error))}") from None
    except requests.exceptions.ProxyError as error:
        text = f"{failed}: {redact(_cause(error))}; look at HTTPS_PROXY, HTTP_PROXY and NO_PROXY"
        raise FetchError("download-failed", text) from None
    except requests.exceptions.SSLError as error:
        raise FetchError(
            "certificate-untrusted", f"{failed}: {redact(_cause(error))}; {_authorities()}"
        ) from None
    except requests.ConnectionError as error:
        raise FetchError("download-failed", f"{failed}: {redact(_cause(error))}{_NO_ANSWER}") from None
    except (requests.RequestException, OSError, ValueError) as error:  # ValueError: an address that is none
        raise FetchError("download-failed", f"{failed}: {redact(_cause(error))}") from None


def refusal(failed: str, response: requests.Response, login: Login | None) -> FetchError:
    """Return the error for a response that is none of success."""
    text = f"{failed}: HTTP {response.status_code} {response.reason}{_hint(response, login)}"
    if response.status_code in (401, 403):
        return FetchError("index-login-refused", text)
    return FetchError("download-failed", text)


def _hint(response: requests.Response, login: Login | None) -> str:
    """Return a remedy for a refused request, which continues the line; empty where there is none."""
    if response.status_code == 404:
        return "; was it removed from the index? Lock again. Has the index moved? Run 'constructs-lib store clear'"
    if response.status_code not in (401, 403):
        return ""
    hint = (
        f"; it does not accept user name and password from {login.origin}"
        if login
        else "; it asks for a user name and password: give Credentials, set UV_INDEX_<NAME>_USERNAME and _PASSWORD, "
        "or use netrc or keyring"
    )
    if ".codeartifact." in (urlsplit(response.url).hostname or ""):
        hint += (
            "; a CodeArtifact token ends after 12 hours at the latest: get a new one (aws codeartifact login)"
        )
    return hint


def _authorities() -> str:
    """Return which certificates are trusted, and the setting for it."""
    from constructs_lib.core.index.transport import AUTHORITIES  # loaded by now

    for name in AUTHORITIES:
        if value := os.environ.get(name):
            return f"{name} names {value}: does it contain the authority that signed the index's certificate?"
    return "set SSL_CERT_FILE or REQUESTS_CA_BUNDLE to a file with the authority that signed the index's certificate"


def _cause(error: BaseException) -> str:
    """Return the innermost reason in words; the outer errors repeat it, with names of Python's objects."""
    reason = getattr(error, "reason", None)
    inner = [value for value in (reason, *error.args) if isinstance(value, BaseException)]
    if inner:
        # urllib3's pairs of a text and the error behind it.
        text = error.args[0] if len(error.args) > 1 and isinstance(error.args[0], str) else ""
        cause = _cause(inner[0])
        return (
            f"{text.rstrip('.')}: {cause}" if text and cause not in text and inner[0] is not reason else cause
        )
    origin = error.__cause__ if isinstance(error.__cause__, OSError) else error
    system_text = getattr(origin, "strerror", None)
    text = re.sub(_BROKEN_OFF, r"the answer broke off: \1", re.sub(_OBJECT, "", str(error)))
    return system_text or text or type(error).__name__


class Page(NamedTuple):
    """A page of an index, read to its end."""

    url: str
    """After redirects."""
    content_type: str
    content: bytes


class Pages:
    """Reads pages of indexes, over connections of its own; nothing of them is kept."""

    def __init__(self, access: Access) -> None:
        from constructs_lib.core.index.transport import Transport

        self._sessions = Sessions(access, Transport(ATTEMPTS, 1))

    def get(self, url: str, index: str, accept: str, failed: str) -> Page | None:
        """Return a page of `index`, read to its end; None if it has none. A FetchError begins with `failed`."""
        try:
            with one_line(failed):
                return self._get(url, index, accept, failed)
        except InterruptedDownloadError as error:
            raise FetchError("download-failed", str(error)) from None

    def _get(self, url: str, index: str, accept: str, failed: str) -> Page | None:
        response, login = self._sessions.get(url, index, {"Accept": accept})
        with response:
            if response.status_code == 404:
                return None
            if not response.ok:
                raise refusal(failed, response, login)
            allowance = Allowance(failed, largest=_LARGEST_PAGE)
            content = b"".join(_pieces(response, allowance, decode=True))
            return Page(response.url, response.headers.get("Content-Type", ""), content)
