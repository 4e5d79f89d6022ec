"""The index → the store, several files at once, each verified on arrival."""

from __future__ import annotations

import hashlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.errors import FetchError
from constructs_lib.core.process import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import BinaryIO

    import requests

    from constructs_lib.core.lock import LockedFile
    from constructs_lib.core.wheels.store import WheelStore

WORKERS = 8
ATTEMPTS = 4
"""Tries for each file before giving up, with a growing pause between them."""
TIMEOUT = (10, 60)
"""Seconds to connect, and between two pieces of an answer."""
_PIECE = 1 << 18


def fetch(files: Sequence[LockedFile], store: WheelStore, arrived: Callable[[LockedFile], None]) -> None:
    """Bring `files` into the store; `arrived` is called in a worker thread for each file that is there.

    A FetchError names the first file that failed; those under way are then left out of the store.
    """
    pool = ThreadPoolExecutor(min(WORKERS, len(files) or 1), thread_name_prefix="fetch")
    try:
        sessions = _Sessions()

        def bring(file: LockedFile) -> None:
            _bring(file, store, sessions)
            arrived(file)

        for done in [pool.submit(bring, file) for file in sorted(files, key=lambda file: -(file.size or 0))]:
            done.result()
    finally:
        pool.shutdown(cancel_futures=True)


class _Sessions(threading.local):
    """One session for each thread: it keeps connections open and is not made to be shared."""

    def __init__(self) -> None:
        import requests
        from requests.adapters import HTTPAdapter
        from urllib3.util import Retry

        retry = Retry(ATTEMPTS - 1, backoff_factor=0.3, status_forcelist=(429, 500, 502, 503, 504))
        self.session = requests.Session()
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, HTTPAdapter(max_retries=retry))
        # requests knows REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE; uv and OpenSSL know this one.
        if authorities := os.environ.get("SSL_CERT_FILE"):
            self.session.verify = authorities

    def get(self, url: str) -> requests.Response:
        return self.session.get(url, stream=True, timeout=TIMEOUT, headers={"Accept-Encoding": "identity"})


def _bring(file: LockedFile, store: WheelStore, sessions: _Sessions) -> None:
    for last_try in (False, True):
        try:
            with store.writing() as target:
                sha256 = _receive(file, target, sessions)
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


def _receive(file: LockedFile, target: BinaryIO, sessions: _Sessions) -> str:
    """Write the file to `target` and return the sha256 of what came."""
    digest = hashlib.sha256()
    pieces = _read(file, file.location) if isinstance(file.location, Path) else _download(file, sessions)
    for piece in pieces:
        digest.update(piece)
        target.write(piece)
    return digest.hexdigest()


def _read(file: LockedFile, path: Path) -> Iterator[bytes]:
    try:
        yield path.read_bytes()
    except OSError as error:
        msg = f"{file.name} is locked to {path}, which cannot be read: {error.strerror}"
        raise FetchError(msg) from None


def _download(file: LockedFile, sessions: _Sessions) -> Iterator[bytes]:
    import requests
    import urllib3

    url = str(file.location)
    failed = f"{file.filename} could not be fetched from {redact(url)}"
    try:
        with sessions.get(url) as answer:
            if not answer.ok:
                msg = (
                    f"{failed}: HTTP {answer.status_code} {answer.reason}{_HINTS.get(answer.status_code, '')}"
                )
                raise FetchError(msg)
            yield from answer.raw.stream(_PIECE, decode_content=False)
    except urllib3.exceptions.HTTPError as error:
        msg = f"{failed}: {redact(_cause(error))}"
        raise _InterruptedError(msg) from None
    except (requests.RequestException, OSError) as error:
        msg = f"{failed}: {redact(_cause(error))}"
        raise FetchError(msg) from None


_CREDENTIALS = "; the index wants other credentials (environment, netrc or keyring)"
_HINTS = {401: _CREDENTIALS, 403: _CREDENTIALS, 404: "; was it removed from the index? Lock again"}


def _cause(error: BaseException) -> str:
    """The innermost reason; the outer ones repeat it with object addresses in it."""
    while True:
        inner = getattr(error, "reason", None) or (error.args[0] if error.args else None)
        if not isinstance(inner, BaseException):
            text = str(error)
            return f"{type(error).__name__}: {text.partition('>: ')[2] or text}"
        error = inner
