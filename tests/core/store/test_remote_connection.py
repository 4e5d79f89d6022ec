"""A remote store that fails, or does not answer, costs one warning and at most two seconds."""

from __future__ import annotations

import io
import socket
import sys
import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from botocore.loaders import JSONFileLoader

from constructs_lib.core.extras import install_command
from constructs_lib.core.store import remote_connection
from constructs_lib.core.store.remote_connection import FIRST_ANSWER, Connection, RemoteFailure, pieces
from constructs_lib.core.store.sharing import bring_files, bring_packs, share_files
from tests.support.library_log import logged_lines
from tests.support.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

    from constructs_lib.core.store.wheel_store import WheelStore
    from tests.support.aws.shared_store import SharedStore

FILES = [(f"{number:064x}", ".whl") for number in range(12)]


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield the address of a host that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield address


def test_a_host_that_never_answers_costs_two_seconds_and_one_line(
    silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the real SDK, whatever limits it has; later requests wait for the same two seconds, not for their own."""
    assert FIRST_ANSWER == 2
    monkeypatch.setattr(remote_connection, "_READ", 3600.0)
    connection = Connection("s3://bucket/prefix")
    begin = time.monotonic()
    with logged_lines() as lines:
        for _ in range(3):
            with pytest.raises(RemoteFailure, match="did not answer within") as failure:
                connection.ask(lambda client: client.get_object(Bucket="bucket", Key="key"))
            connection.stop_reading(failure.value)
            monkeypatch.setattr(remote_connection, "FIRST_ANSWER", 3600.0)
    assert time.monotonic() - begin < PATIENCE
    assert lines == [
        "the remote store s3://bucket/prefix did not answer within 2 s; this run goes on without it"
    ]
    assert not connection.reads
    assert not connection.writes


def test_the_clock_starts_when_the_sdk_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that reads boto3 slowly is no host that does not answer."""
    events: list[str] = []

    def monotonic() -> float:
        events.append("clock")
        return time.monotonic()

    monkeypatch.setattr(remote_connection, "FIRST_ANSWER", PATIENCE)
    monkeypatch.setattr(remote_connection, "_load_sdk", lambda: events.append("loaded"))
    monkeypatch.setattr(remote_connection, "_make_client", lambda _: events.append("made"))
    monkeypatch.setattr(remote_connection, "time", SimpleNamespace(monotonic=monotonic))
    Connection("s3://bucket").ask(lambda _: None)
    assert (events[:2], events[-1]) == (["loaded", "clock"], "made")


def test_loading_reads_all_that_a_client_is_made_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So the clock does not run for it; and no credentials are asked for, since a program may give them."""
    mark, config = tmp_path / "asked", tmp_path / "config"
    config.write_text(f"[default]\ncredential_process = touch '{mark}'\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    session = remote_connection._load_sdk()
    assert not mark.exists()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setattr(JSONFileLoader, "load_file", lambda *_: pytest.fail("it reads a file"))
    client = remote_connection._make_client(session)
    assert client.meta.config.read_timeout == remote_connection._READ


def test_credentials_that_take_forever_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that asks for a password has no limit of its own: the thread is left behind, by later requests too."""
    end = threading.Event()
    monkeypatch.setattr(remote_connection, "FIRST_ANSWER", 0.05)
    monkeypatch.setattr(remote_connection, "_make_client", lambda _: end.wait())
    connections = Connection("s3://bucket"), Connection("s3://other")
    try:
        for connection in (connections[0], *connections):
            with pytest.raises(RemoteFailure, match="did not answer"):
                connection.ask(lambda client: client)
    finally:
        end.set()


def test_many_requests_of_a_store_that_fails_are_one_warning(
    shared: SharedStore, store: WheelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those under way end; none is begun afterwards, for reading or writing."""
    shared.s3.delete_bucket(Bucket="wheels")
    machine = shared.machine(store.root, wheels=True, writes=True)
    assert bring_files(machine, FILES) == [False] * len(FILES)
    assert shared.lines == [
        "the remote store s3://wheels/team/store names a bucket that does not exist; this run goes on without it"
    ]
    shared.calls.clear()
    bring_packs(machine, [key for key, _ in FILES])
    share_files(machine, FILES)
    assert shared.calls == []


def test_a_store_that_may_not_be_written_is_still_read(
    shared: SharedStore, store: WheelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The right to read is the usual one: one line names the missing right."""
    machine = shared.machine(store.root, writes=True)
    (store.root / "wheel").parent.mkdir(exist_ok=True)
    (store.root / "wheel").write_bytes(b"x")
    sha256 = machine.add(store.root / "wheel")
    assert not any(bring_files(machine, FILES))
    refused = _refusal("AccessDenied", "PutObject")
    monkeypatch.setattr("constructs_lib.core.store.remote_store._put", refused)
    for _ in range(2):
        share_files(machine, [(sha256, ".whl")])
    [line] = shared.lines
    assert line.startswith("the remote store s3://wheels/team/store cannot be filled: it refuses PutObject")
    shared.calls.clear()
    assert not any(bring_files(machine, FILES[:1]))
    assert len(shared.calls) == 1


def test_many_wrong_objects_are_one_line() -> None:
    """Also where each of them is replaced at once."""
    connection = Connection("s3://bucket")
    with logged_lines() as lines:
        for key in ("one", "two"):
            connection.distrust(key)
            connection.wrong.clear()
    assert len(lines) == 1


def _refusal(code: str, operation: str) -> Callable[..., None]:
    def refuse(*_: object) -> None:
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, operation)

    return refuse


def test_the_line_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without boto3, without credentials, and for any other error of the SDK without a secret in it."""
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setattr(remote_connection, "FIRST_ANSWER", 600.0)  # a busy machine imports the SDK slowly

    def line(request: Callable[[S3Client], object]) -> str:
        with pytest.raises(RemoteFailure) as failure:
            Connection("s3://bucket").ask(request)
        return str(failure.value)

    def fail(_: object) -> None:
        raise OSError("no way to http://user:secret@proxy/ .")

    assert line(fail) == "failed: no way to http://****@proxy/"
    assert line(lambda client: client.get_object(Bucket="bucket", Key="key")).startswith(
        "needs AWS credentials: set AWS_PROFILE"
    )
    assert line(_refusal("AccessDenied", "GetObject")).startswith("refuses GetObject (AccessDenied): give")
    monkeypatch.setitem(sys.modules, "boto3", None)
    assert line(lambda client: client) == f"needs boto3: {install_command('aws')}"


class Body(io.BytesIO):
    """An object's body that can break off."""

    def __init__(self, content: bytes, breaks: bool = False) -> None:
        super().__init__(content)
        self._breaks = breaks

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        if not piece and self._breaks:
            raise TimeoutError("read timed out")
        return piece


def test_a_body_that_breaks_off_or_trickles_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host does not decide how long a build takes."""
    whole: Any = Body(b"x" * 3_000_000)
    assert sum(map(len, pieces(whole))) == 3_000_000
    broken: Any = Body(b"x", breaks=True)
    with pytest.raises(RemoteFailure, match="failed: read timed out"):
        list(pieces(broken))
    slow: Any = Body(b"x" * 3_000_000)
    monkeypatch.setattr(remote_connection, "_GRACE", -100.0)
    with pytest.raises(RemoteFailure, match="sent 1048576 bytes in 0 s"):
        list(pieces(slow))
