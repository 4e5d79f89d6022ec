"""Fetch files from an index into the store, several at once, each verified."""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from constructs_lib.core.errors import FetchError
from constructs_lib.core.index.allowance import Allowance
from constructs_lib.core.index.auth import Access
from constructs_lib.core.index.http_session import ATTEMPTS, InterruptedDownloadError, Sessions
from constructs_lib.core.index.threads import work_through
from constructs_lib.core.log import trace
from constructs_lib.core.system.files import reading
from constructs_lib.core.system.secrets import redact
from constructs_lib.core.system.signals import unwinding

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Sequence
    from typing import BinaryIO

    from constructs_lib.core.store.wheel_store import WheelStore

WORKERS = 8


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
    on_received: Callable[[int], None] = lambda _size: None,
) -> None:
    """Fetch `files` into the store; call `on_stored` in a worker thread with each file that is stored.

    `on_received` is called with the number of bytes of each piece that came.

    Raises a FetchError for the first file that fails; unfinished ones are then not stored, as on an interrupt.
    """
    store.sweep()
    unfinished: set[str] = set()
    # 100 ms of requests: only where something is fetched.
    from constructs_lib.core.index.transport import Transport

    sessions = Sessions(access or Access(), Transport(ATTEMPTS, WORKERS))

    def fetch_one(file: AnyDownload, stop: threading.Event) -> None:
        _fetch_one(file, store, sessions, stop, on_received, unfinished)
        on_stored(file)

    with unwinding():
        try:
            work_through(sorted(files, key=lambda file: -(file.size or 0)), fetch_one, WORKERS)
        finally:
            # After an interrupt nobody waits for the threads, which would remove theirs.
            for path in tuple(unfinished):
                with suppress(OSError):
                    os.unlink(path)  # noqa: PTH108 - as `open` names it


def _fetch_one(
    file: Download,
    store: WheelStore,
    sessions: Sessions,
    stop: threading.Event,
    on_received: Callable[[int], None],
    unfinished: set[str],
) -> None:
    for is_last_try in (False, True):
        try:
            with store.writing() as target:
                unfinished.add(target.name)
                sha256 = _receive(file, target, sessions, stop, on_received)
                if sha256 == file.sha256:
                    store.keep(target, file.sha256, file.suffix)
                    unfinished.discard(target.name)
                    index = f"the index {redact(file.index)}" if file.index else "no index in the lock file"
                    trace("fetched %s (%s), sha256 %s as locked", file.filename, index, sha256)
                    return
        except InterruptedDownloadError as error:
            if is_last_try:
                raise FetchError("download-failed", str(error)) from None
        else:
            raise FetchError(
                "download-changed",
                f"{file.filename} from {redact(str(file.location))} is not the locked file: its sha256 is {sha256}, "
                f"the lock has {file.sha256}. It was not stored; if it was replaced on purpose, lock again",
            )


def _receive(
    file: Download,
    target: BinaryIO,
    sessions: Sessions,
    stop: threading.Event,
    on_received: Callable[[int], None],
) -> str:
    """Write the file to `target` and return the sha256 of the received bytes."""
    digest = hashlib.sha256()
    for piece in _pieces(file, sessions):
        if stop.is_set():
            raise FetchError(
                "download-failed", f"{file.filename} was not fetched to its end, since another file failed"
            )
        digest.update(piece)
        target.write(piece)
        on_received(len(piece))
    return digest.hexdigest()


def _pieces(file: Download, sessions: Sessions) -> Iterator[bytes]:
    if isinstance(file.location, Path):
        return _read(file, file.location)
    failed = f"{file.filename} could not be fetched from {redact(file.location)}"
    return sessions.stream(file.location, file.index, failed, file.size)


def _read(file: Download, path: Path) -> Iterator[bytes]:
    allowance = Allowance(f"{file.filename} could not be read from {path}", file.size)
    with reading(path, f"{file.filename} is locked to it, restore it or lock again", FetchError):
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe would be waited for, a device has no end
            raise FetchError(
                "file-unreadable", f"{path} cannot be read: it is no regular file; lock another one"
            )
        allowance.announce(status.st_size)
        yield path.read_bytes()
