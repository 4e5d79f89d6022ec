"""The index → the store, several files at once, each verified on arrival."""

from __future__ import annotations

import base64
import hashlib
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar
from urllib.parse import urljoin, urlsplit

from constructs_lib.core.errors import FetchError
from constructs_lib.core.index.auth import Access
from constructs_lib.core.index.threads import work_through
from constructs_lib.core.system.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
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
_PIECE = 1 << 18
_REDIRECTS = 10


class Download(Protocol):
    """A file to fetch: where it is, and the sha256 that its bytes must have."""

    @property
    def filename(self) -> str: ...
    @property
    def suffix(self) -> str:
        """`.whl`, for instance: the store keeps the file under it."""

    @property
    def sha256(self) -> str:
        """Lower-case hex."""

    @property
    def location(self) -> str | Path:
        """An address, or a file of this machine."""

    @property
    def size(self) -> int | None: ...
    @property
    def index(self) -> str | None:
        """The address of the index that serves it, where it is known."""


AnyDownload = TypeVar("AnyDownload", bound=Download)


def fetch(
    files: Sequence[AnyDownload],
    store: WheelStore,
    arrived: Callable[[AnyDownload], None],
    access: Access | None = None,
) -> None:
    """Bring `files` into the store; `arrived` is called in a worker thread for each file that is there.

    A FetchError names the first file that failed; those under way are then left out of the store, as they are
    on an interrupt.
    """
    store.sweep()
    from constructs_lib.core.index.transport import Transport

    sessions = _Sessions(access or Access(), Transport(ATTEMPTS, WORKERS))

    def bring(file: AnyDownload, stop: threading.Event) -> None:
        _bring(file, store, sessions, stop)
        arrived(file)

    work_through(sorted(files, key=lambda file: -(file.size or 0)), bring, WORKERS)


class _Sessions(threading.local):
    """One session for each thread, for it is not made to be shared; the connections are."""

    def __init__(self, access: Access, transport: Transport) -> None:
        import requests

        self.access = access
        self.session = requests.Session()
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, transport)

    def get(self, file: Download) -> tuple[requests.Response, Login | None]:
        """The answer and what it was asked with.

        Redirects are followed here, so that each address is judged anew: what one host may see, another
        is not sent.
        """
        import requests

        url = str(file.location)
        for _ in range(_REDIRECTS):
            login = self.access.login(url, file.index)
            answer = self._get(url, login)
            if answer.status_code == 401 and login is None:
                login = self.access.login_after_refusal(url, file.index)
                if login is not None:
                    answer.close()
                    answer = self._get(url, login)
            target = self.session.get_redirect_target(answer)
            if target is None:
                return answer, login
            answer.close()
            url = urljoin(url, target)
        msg = f"more than {_REDIRECTS} redirects"
        raise requests.TooManyRedirects(msg)

    def _get(self, url: str, login: Login | None) -> requests.Response:
        headers = {"Accept-Encoding": "identity"}
        if login is not None:
            pair = f"{login.username}:{login.password}".encode()  # UTF-8, as uv does; requests takes Latin-1
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        # `auth` keeps requests from looking into netrc and into the address by itself.
        return self.session.get(
            url,
            stream=True,
            timeout=TIMEOUT,
            headers=headers,
            auth=lambda request: request,
            allow_redirects=False,
        )


def _bring(file: Download, store: WheelStore, sessions: _Sessions, stop: threading.Event) -> None:
    for last_try in (False, True):
        try:
            with store.writing() as target:
                sha256 = _receive(file, target, sessions, stop)
                if sha256 == file.sha256:
                    store.keep(target, file.sha256, file.suffix)
                    return
        except _InterruptedError as error:
            if last_try:
                raise FetchError(str(error)) from None
        else:
            msg = (
                f"{file.filename} from {redact(str(file.location))} is not the locked file: its sha256 is {sha256}, "
                f"the lock says {file.sha256}. Nothing of it was kept; if it was replaced on purpose, lock again"
            )
            raise FetchError(msg)


class _InterruptedError(Exception):
    """An answer that began well and broke off: worth another try, which `Retry` does not make."""


def _receive(file: Download, target: BinaryIO, sessions: _Sessions, stop: threading.Event) -> str:
    """Write the file to `target` and return the sha256 of what came."""
    digest = hashlib.sha256()
    pieces = _read(file, file.location) if isinstance(file.location, Path) else _download(file, sessions)
    for piece in pieces:
        if stop.is_set():
            msg = f"{file.filename} was not fetched to its end, for another file failed"
            raise FetchError(msg)
        digest.update(piece)
        target.write(piece)
    return digest.hexdigest()


def _read(file: Download, path: Path) -> Iterator[bytes]:
    try:
        yield path.read_bytes()
    except OSError as error:
        msg = f"{file.filename} is locked to {path}, which cannot be read: {error.strerror}"
        raise FetchError(msg) from None


def _download(file: Download, sessions: _Sessions) -> Iterator[bytes]:
    import requests
    import urllib3

    url = str(file.location)
    failed = f"{file.filename} could not be fetched from {redact(url)}"
    try:
        answer, login = sessions.get(file)
        with answer:
            if not answer.ok:
                msg = f"{failed}: HTTP {answer.status_code} {answer.reason}{_hint(answer, login)}"
                raise FetchError(msg)
            yield from answer.raw.stream(_PIECE, decode_content=False)
    except urllib3.exceptions.HTTPError as error:
        msg = f"{failed}: {redact(_cause(error))}"
        raise _InterruptedError(msg) from None
    except requests.exceptions.SSLError as error:
        msg = f"{failed}: {redact(_cause(error))}; {_authorities()}"
        raise FetchError(msg) from None
    except (requests.RequestException, OSError) as error:
        msg = f"{failed}: {redact(_cause(error))}"
        raise FetchError(msg) from None


def _hint(answer: requests.Response, login: Login | None) -> str:
    """What to do about an answer that is none."""
    if answer.status_code == 404:
        return "; was it removed from the index? Lock again"
    if answer.status_code not in (401, 403):
        return ""
    hint = (
        f"; it does not accept user name and password from {login.origin}"
        if login
        else "; it wants a user name and password: give Credentials, set UV_INDEX_<NAME>_USERNAME and _PASSWORD, "
        "or use netrc or keyring"
    )
    if ".codeartifact." in (urlsplit(answer.url).hostname or ""):
        hint += (
            "; a CodeArtifact token ends after 12 hours at the latest: get a new one (aws codeartifact login)"
        )
    return hint


def _authorities() -> str:
    """Which certificates are trusted, and where that is set."""
    from constructs_lib.core.index.transport import AUTHORITIES

    for name in AUTHORITIES:
        if value := os.environ.get(name):
            return f"{name} names {value}: does it hold the authority that signed the index's certificate?"
    return "set SSL_CERT_FILE or REQUESTS_CA_BUNDLE to a file with the authority that signed the index's certificate"


def _cause(error: BaseException) -> str:
    """The innermost reason; the outer ones repeat it with object addresses in it."""
    while True:
        inner = getattr(error, "reason", None) or (error.args[0] if error.args else None)
        if not isinstance(inner, BaseException):
            text = str(error)
            return f"{type(error).__name__}: {text.partition('>: ')[2] or text}"
        error = inner
