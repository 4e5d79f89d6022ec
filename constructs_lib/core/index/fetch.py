"""Fetch files from an index into the store, several at once, each verified."""

from __future__ import annotations

import base64
import hashlib
import os
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar
from urllib.parse import urljoin, urlsplit

from constructs_lib.core.errors import FetchError
from constructs_lib.core.index.auth import Access
from constructs_lib.core.index.threads import work_through
from constructs_lib.core.system.files import reading
from constructs_lib.core.system.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import BinaryIO

    import requests

    from constructs_lib.core.index.auth import Login
    from constructs_lib.core.index.transport import Transport
    from constructs_lib.core.store.wheel_store import WheelStore

WORKERS = 8
ATTEMPTS = 4
"""Tries for each file before giving up, with a growing pause between them."""
TIMEOUT = (10, 60)
"""Seconds to connect, and between two pieces of an answer."""
AS_IT_IS = {"Accept-Encoding": "identity"}
"""Headers of a request for a file, whose bytes are hashed as they come."""
_PIECE = 1 << 18
_REDIRECTS = 10


class Download(Protocol):
    """A file to fetch: its location, and the sha256 that its bytes must have."""

    @property
    def filename(self) -> str: ...
    @property
    def suffix(self) -> str:
        """The suffix in the store: `.whl`, for instance."""

    @property
    def sha256(self) -> str:
        """Lower-case hex."""

    @property
    def location(self) -> str | Path:
        """An address, or the path of a local file."""

    @property
    def size(self) -> int | None: ...
    @property
    def index(self) -> str | None:
        """The address of its index, where it is known."""


AnyDownload = TypeVar("AnyDownload", bound=Download)


def fetch(
    files: Sequence[AnyDownload],
    store: WheelStore,
    on_stored: Callable[[AnyDownload], None],
    access: Access | None = None,
) -> None:
    """Fetch `files` into the store; call `on_stored` in a worker thread with each file that is stored.

    Raises a FetchError for the first file that fails; unfinished ones are then not stored, as on an interrupt.
    """
    store.sweep()
    from constructs_lib.core.index.transport import (
        Transport,
    )  # 100 ms of requests: only where something is fetched

    sessions = _Sessions(access or Access(), Transport(ATTEMPTS, WORKERS))

    def fetch_one(file: AnyDownload, stop: threading.Event) -> None:
        _fetch_one(file, store, sessions, stop)
        on_stored(file)

    work_through(sorted(files, key=lambda file: -(file.size or 0)), fetch_one, WORKERS)


class _Sessions(threading.local):
    """One session for each thread, since requests does not share sessions; the connections are shared."""

    def __init__(self, access: Access, transport: Transport) -> None:
        import requests

        self.access = access
        self.session = requests.Session()
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, transport)

    def get(
        self, url: str, index: str | None, headers: Mapping[str, str] = AS_IT_IS
    ) -> tuple[requests.Response, Login | None]:
        """Return the response for the address, and the login that was sent for it; `index` is where it belongs to.

        Redirects are followed here, so that the login is chosen anew for each address: none is sent to another host.
        """
        import requests

        for _ in range(_REDIRECTS):
            login = self.access.login(url, index)
            response = self._get(url, login, headers)
            if response.status_code == 401 and login is None:
                login = self.access.login_after_refusal(url, index)
                if login is not None:
                    response.close()
                    response = self._get(url, login, headers)
            target = self.session.get_redirect_target(response)
            if target is None:
                return response, login
            response.close()
            url = urljoin(url, target)
        raise requests.TooManyRedirects(f"more than {_REDIRECTS} redirects")

    def _get(self, url: str, login: Login | None, headers: Mapping[str, str]) -> requests.Response:
        headers = dict(headers)
        if login is not None:
            pair = f"{login.username}:{login.password}".encode()  # UTF-8, as uv does; requests takes Latin-1
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        return self.session.get(
            url,
            stream=True,
            timeout=TIMEOUT,
            headers=headers,
            auth=_unchanged,
            allow_redirects=False,
        )


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Return the request as it is: without an `auth`, requests takes a login from netrc or the address itself."""
    return request


def _fetch_one(file: Download, store: WheelStore, sessions: _Sessions, stop: threading.Event) -> None:
    for is_last_try in (False, True):
        try:
            with store.writing() as target:
                sha256 = _receive(file, target, sessions, stop)
                if sha256 == file.sha256:
                    store.keep(target, file.sha256, file.suffix)
                    return
        except _InterruptedError as error:
            if is_last_try:
                raise FetchError("download-failed", str(error)) from None
        else:
            raise FetchError(
                "download-changed",
                f"{file.filename} from {redact(str(file.location))} is not the locked file: its sha256 is {sha256}, "
                f"the lock has {file.sha256}. It was not stored; if it was replaced on purpose, lock again",
            )


class _InterruptedError(Exception):
    """A response that began well and broke off: worth a second try, which `Retry` does not make."""


def _receive(file: Download, target: BinaryIO, sessions: _Sessions, stop: threading.Event) -> str:
    """Write the file to `target` and return the sha256 of the received bytes."""
    digest = hashlib.sha256()
    pieces = _read(file, file.location) if isinstance(file.location, Path) else _download(file, sessions)
    for piece in pieces:
        if stop.is_set():
            raise FetchError(
                "download-failed", f"{file.filename} was not fetched to its end, since another file failed"
            )
        digest.update(piece)
        target.write(piece)
    return digest.hexdigest()


def _read(file: Download, path: Path) -> Iterator[bytes]:
    with reading(path, f"{file.filename} is locked to it, restore it or lock again", FetchError):
        yield path.read_bytes()


def _download(file: Download, sessions: _Sessions) -> Iterator[bytes]:
    url = str(file.location)
    failed = f"{file.filename} could not be fetched from {redact(url)}"
    with _one_line(failed):
        response, login = sessions.get(url, file.index)
        with response:
            if not response.ok:
                raise _refusal(failed, response, login)
            yield from response.raw.stream(_PIECE, decode_content=False)


class Pages:
    """Reads pages of indexes, over connections of its own; nothing of them is kept."""

    def __init__(self, access: Access) -> None:
        from constructs_lib.core.index.transport import Transport

        self._sessions = _Sessions(access, Transport(ATTEMPTS, WORKERS))

    def get(self, url: str, index: str, accept: str, failed: str) -> requests.Response | None:
        """Return a page of `index`, read to its end; None if it has none. A FetchError begins with `failed`."""
        with _one_line(failed):
            response, login = self._sessions.get(url, index, {"Accept": accept})
            with response:
                if response.status_code == 404:
                    return None
                if not response.ok:
                    raise _refusal(failed, response, login)
                _ = response.content
                return response


@contextmanager
def _one_line(failed: str) -> Iterator[None]:
    """Turn what requests raises into a FetchError that begins with `failed`."""
    import requests
    import urllib3

    try:
        yield
    except urllib3.exceptions.HTTPError as error:
        raise _InterruptedError(f"{failed}: {redact(_cause(error))}") from None
    except requests.exceptions.SSLError as error:
        raise FetchError(
            "certificate-untrusted", f"{failed}: {redact(_cause(error))}; {_authorities()}"
        ) from None
    except (requests.RequestException, OSError) as error:
        raise FetchError("download-failed", f"{failed}: {redact(_cause(error))}") from None


def _refusal(failed: str, response: requests.Response, login: Login | None) -> FetchError:
    """Return the error for a response that is none of success."""
    text = f"{failed}: HTTP {response.status_code} {response.reason}{_hint(response, login)}"
    if response.status_code in (401, 403):
        return FetchError("index-login-refused", text)
    return FetchError("download-failed", text)


def _hint(response: requests.Response, login: Login | None) -> str:
    """Return a remedy for a refused request, which continues the line; empty where there is none."""
    if response.status_code == 404:
        return "; was it removed from the index? Lock again"
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
    """Return the innermost reason; the outer ones repeat it with addresses of objects."""
    while True:
        inner = getattr(error, "reason", None) or (error.args[0] if error.args else None)
        if not isinstance(inner, BaseException):
            text = str(error)
            return f"{type(error).__name__}: {text.partition('>: ')[2] or text}"
        error = inner
