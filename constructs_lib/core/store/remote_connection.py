"""A process's connection to a remote store: it answers in time, or the process goes on without it.

Nothing here raises anything but a `RemoteFailure`: a build never depends on the remote store.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import closing
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeVar

from constructs_lib.core.log import log
from constructs_lib.core.system.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import boto3
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client

WORKERS = 8
"""Requests at a time."""
FIRST_ANSWER = 2.0
"""Seconds in all for the first answer: credentials, name resolution, connection, request. Loading the SDK is extra."""
_CONNECT, _READ = 2.0, 5.0
_GRACE = 10.0
"""Seconds for an object of any size."""
_SLOWEST = 100_000
"""Bytes a second, on average after the grace."""
_PIECE = 1 << 20

Answer = TypeVar("Answer")


class RemoteFailure(Exception):  # noqa: N818 - it never reaches users, who see a warning
    """The reason for which the remote store is not used any more, with a remedy."""


class Connection:
    """The connection of one process, and what it has learned about the objects."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._lock = threading.Lock()
        self._session: boto3.Session | None = None
        self._client: S3Client | None = None
        self._deadline: float | None = None
        self._has_answered = False
        self._is_trusted = True
        """False once an object was wrong."""
        self.reads = True
        """False once a request has failed."""
        self.writes = True
        """False once a request to read or to write has failed."""
        self.tags: dict[str, str] = {}
        """The ETags of the objects that were received, by key."""
        self.wrong: set[str] = set()
        """The keys of received objects that must be replaced."""
        self.present: set[str] = set()
        """The keys of objects that were written, or that others had written before."""

    def ask(self, request: Callable[[S3Client], Answer]) -> Answer:
        """Return the answer to a request; raise a RemoteFailure."""
        if self._has_answered and self._client is not None:
            try:
                return request(self._client)
            except Exception as error:  # noqa: BLE001 - whatever the SDK raises, the build goes on
                raise RemoteFailure(_reason(error)) from None
        return self._ask_in_time(request)

    def stop_reading(self, failure: RemoteFailure) -> None:
        """Ask nothing more in this process, and say so once."""
        with self._lock:
            is_first, self.reads, self.writes = self.reads, False, False
        if is_first:
            log.warning("the remote store %s %s; this run goes on without it", self._address, failure)

    def stop_writing(self, failure: RemoteFailure) -> None:
        """Write nothing more in this process, and say so once."""
        with self._lock:
            is_first, self.writes = self.writes, False
        if is_first:
            log.warning("the remote store %s cannot be filled: it %s", self._address, failure)

    def distrust(self, key: str) -> None:
        """Have a received object replaced by the next one that is written under its key."""
        with self._lock:
            is_first, self._is_trusted = self._is_trusted, False
            self.wrong.add(key)
        if is_first:
            log.warning(
                "the object %s of the remote store %s is damaged or forged, and is not used; a run that may write "
                "replaces it",
                key,
                self._address,
            )

    def _ask_in_time(self, request: Callable[[S3Client], Answer]) -> Answer:
        """Ask in a thread that nobody waits for after the deadline: some steps of the SDK have no limit of their own."""
        answers: SimpleQueue[tuple[Answer | None, Exception | None]] = SimpleQueue()
        session = self._loaded_session()

        def work() -> None:
            try:
                answer = request(self._made_client(session))
            except Exception as error:  # noqa: BLE001 - raised again below
                answers.put((None, error))
            else:
                self._has_answered = True
                answers.put((answer, None))

        with self._lock:
            if self._deadline is None:
                self._deadline = time.monotonic() + FIRST_ANSWER
            seconds = max(0.0, self._deadline - time.monotonic())
        threading.Thread(target=work, daemon=True, name="remote-store").start()
        try:
            answer, error = answers.get(timeout=seconds)
        except Empty:
            raise RemoteFailure(f"did not answer within {FIRST_ANSWER:.0f} s") from None
        if error is not None:
            raise RemoteFailure(_reason(error)) from None
        return answer  # type: ignore[return-value] # the request's own None included

    def _loaded_session(self) -> boto3.Session:
        """Return a session that has read all that a client is made of; raise a RemoteFailure.

        It takes half a second, and several on a cold disk: nothing that a host can be blamed for, so no clock runs yet.
        """
        with _LOADING:
            if self._session is None:
                try:
                    self._session = _load_sdk()
                except Exception as error:  # noqa: BLE001 - whatever the SDK raises, the build goes on
                    raise RemoteFailure(_reason(error)) from None
            return self._session

    def _made_client(self, session: boto3.Session) -> S3Client:
        with _MAKING:
            if self._client is None:
                self._client = _make_client(session)
            return self._client


# Two locks: credentials that never come keep the second one for ever.
_LOADING, _MAKING = threading.Lock(), threading.Lock()


def _load_sdk() -> boto3.Session:
    # 0.2 s: only where an entry is missing and a remote store is set.
    import boto3
    from botocore import UNSIGNED
    from botocore.config import Config

    # boto3 itself reads AWS_DEFAULT_REGION only, unlike the AWS CLI and the other SDKs.
    session = boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
    # The session keeps what its first client reads of S3's description. An unsigned one asks for no credentials.
    session.client("s3", config=Config(signature_version=UNSIGNED))
    return session


def _make_client(session: boto3.Session) -> S3Client:
    from botocore.config import Config  # imported before, with the session

    config = Config(
        connect_timeout=_CONNECT,
        read_timeout=_READ,
        retries={"mode": "standard", "total_max_attempts": 2},
        max_pool_connections=WORKERS,
        # An object with a wrong checksum is an object to replace, not an error of the connection.
        response_checksum_validation="when_required",
    )
    return session.client("s3", config=config)


def pieces(body: StreamingBody) -> Iterator[bytes]:
    """Yield an object's bytes; raise a RemoteFailure when they stop or come too slowly."""
    begin, received = time.monotonic(), 0
    with closing(body):
        while piece := _read(body):
            received += len(piece)
            yield piece
            seconds = time.monotonic() - begin
            if seconds > _GRACE + received / _SLOWEST:
                raise RemoteFailure(f"sent {received} bytes in {seconds:.0f} s")


def _read(body: StreamingBody) -> bytes:
    try:
        return body.read(_PIECE)
    except Exception as error:  # noqa: BLE001 - whatever the SDK raises, the build goes on
        raise RemoteFailure(_reason(error)) from None


def _reason(error: Exception) -> str:
    """Return one line about an error of the SDK, with a remedy where there is one."""
    if isinstance(error, ModuleNotFoundError):
        from constructs_lib.core.extras import install_command  # rarely needed

        return f"needs boto3: {install_command('aws')}"
    response = getattr(error, "response", None)
    code = response.get("Error", {}).get("Code", "") if isinstance(response, dict) else ""
    operation = getattr(error, "operation_name", "a request")
    if code in {"AccessDenied", "403"}:
        return (
            f"refuses {operation} (AccessDenied): give the rights of the guide 'A store that machines share'"
        )
    if code == "NoSuchBucket":
        return "names a bucket that does not exist"
    if type(error).__name__ in {"NoCredentialsError", "PartialCredentialsError"}:
        return "needs AWS credentials: set AWS_PROFILE, or log in (aws sso login, aws configure)"
    text = " ".join(redact(str(error)).split()).rstrip(". ")
    return f"failed: {text or type(error).__name__}"
