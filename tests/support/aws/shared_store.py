"""A bucket that machines share as their remote store, and the machines: each a wheel store, seen by a new process."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.store import remote_connection, remote_store
from constructs_lib.core.store.remote_store import RemoteStore
from constructs_lib.core.store.wheel_store import WheelStore
from tests.support.aws.shared_clients import SESSION, moto_clients
from tests.support.library_log import logged_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

BUCKET, PREFIX = "wheels", "team/store"


@dataclass
class SharedStore:
    """The bucket, the calls that reached it, and the lines that were logged."""

    s3: S3Client
    lines: list[str]
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def machine(self, folder: Path, **choices: bool) -> WheelStore:
        """Return the store of a machine as a process that starts now sees it."""
        remote_store._CONNECTIONS.clear()
        return WheelStore(folder, RemoteStore(BUCKET, PREFIX, **choices))

    @property
    def objects(self) -> dict[str, bytes]:
        """The content of each object, by key."""
        listed = self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return {
            row["Key"]: self.s3.get_object(Bucket=BUCKET, Key=row["Key"])["Body"].read() for row in listed
        }

    def put(self, key: str, content: bytes) -> None:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=content)

    def on_call(self, params: dict[str, Any], event_name: str, **_: Any) -> None:
        self.calls.append((event_name.rpartition(".")[2], dict(params)))


@cache
def _client() -> S3Client:
    return SESSION.client("s3")


@contextmanager
def open_shared_store() -> Iterator[SharedStore]:
    """Start moto with the bucket; the library's connections use one client, which is made once for all tests."""
    client = _client()
    with (
        moto_clients({BUCKET: False}) as clients,
        logged_lines() as lines,
        pytest.MonkeyPatch.context() as patch,
    ):
        shared = SharedStore(clients.plain_s3, lines)
        patch.setattr(remote_connection, "_load_sdk", lambda: SESSION)
        patch.setattr(remote_connection, "_make_client", lambda _: client)
        patch.setattr(remote_connection, "FIRST_ANSWER", 600.0)  # a busy machine answers late
        patch.setattr(remote_store, "_CONNECTIONS", {})
        events: Any = client.meta.events
        events.register("provide-client-params", shared.on_call)
        yield shared
        events.unregister("provide-client-params", shared.on_call)
