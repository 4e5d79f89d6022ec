"""The remote store: a prefix of an S3 bucket that many machines read and some fill.

It only saves work. Whatever it holds, a layer is the same: a file counts by its sha256, all else by the seal of the key
that the machines share.
"""

from __future__ import annotations

import mmap
import tempfile
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from constructs_lib.core.errors import StoreError
from constructs_lib.core.log import log
from constructs_lib.core.publish.layout import S3Location
from constructs_lib.core.publish.prefix import bucket_fault, prefix_fault
from constructs_lib.core.store.remote_connection import Connection, RemoteFailure, pieces
from constructs_lib.core.store.store_key import KEY_VARIABLE, is_key_shared, seal
from constructs_lib.core.system.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

    from constructs_lib.core.store.remote_entry import RemoteEntry

ADDRESS, WRITE, WHEELS = (f"CONSTRUCTS_LIB_REMOTE_STORE{name}" for name in ("", "_WRITE", "_WHEELS"))
_SWITCH = {"": False, "0": False, "1": True}
_LOCK = threading.Lock()
_CONNECTIONS: dict[RemoteStore, Connection] = {}
_ALREADY_THERE = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})
"""The answers to a write when another machine was first."""


@dataclass(frozen=True)
class RemoteStore:
    """A prefix of a bucket, and what this machine does with it."""

    bucket: str
    prefix: str = ""
    """Without a slash at its ends; "" is the whole bucket."""
    writes: bool = False
    """True fills it with what is made here."""
    wheels: bool = False
    """True has files of indexes in it too."""
    derived: bool = True
    """False without a key that other machines have: no seal could be compared."""

    @classmethod
    def configured(cls, address: str, environment: Mapping[str, str]) -> RemoteStore | None:
        """Return the store that the variables name; None with a warning where it would be of no use.

        Raises a StoreError for a value that is none.
        """
        location = _location(address)
        store = cls(
            location.bucket,
            location.key,
            _switch(WRITE, environment),
            _switch(WHEELS, environment),
            is_key_shared(),
        )
        if store.derived:
            seal()  # a key that is too short is an error here, and not while entries are read
        else:
            _warn_without_key(store)
        return store if store.derived or store.wheels else None

    @property
    def address(self) -> str:
        """Its `s3://` address."""
        return S3Location(self.bucket, self.prefix).uri.rstrip("/")

    def receive(self, entry: RemoteEntry, file: BinaryIO) -> bool:
        """Write the entry's verified bytes to `file`; return False where it is absent, wrong, or not to be had."""
        connection = _connection(self)
        if not connection.reads or (entry.is_derived and not self.derived):
            return False
        key = self._key(entry)
        try:
            answer = connection.ask(lambda client: _get(client, self.bucket, key))
            if answer is None:
                return False
            if tag := answer.get("ETag"):  # not every service with S3's interface sends one
                connection.tags[key] = tag
            size = 0
            for piece in pieces(answer["Body"]):
                size += len(piece)
                if size > entry.largest:
                    break
                file.write(piece)
        except RemoteFailure as failure:
            connection.stop_reading(failure)
            return False
        file.flush()
        if size <= entry.largest and entry.is_sound(_content(file)):
            connection.present.add(key)
            return True
        connection.distrust(key)
        return False

    def offer(self, entry: RemoteEntry, path: Path) -> None:
        """Write the entry, whose bytes `path` has, unless it is there; one that was received and is wrong is replaced."""
        connection = _connection(self)
        if not (self.writes and connection.writes) or (entry.is_derived and not self.derived):
            return
        key = self._key(entry)
        if key in connection.present and key not in connection.wrong:
            return
        try:
            is_written = self._write(connection, key, path)
            if not is_written and key not in connection.tags:
                self._look_at(entry)
                if key in connection.wrong:
                    self._write(connection, key, path)
        except OSError:
            return  # the store cannot be written, or is being cleared
        except RemoteFailure as failure:
            connection.stop_writing(failure)

    def _write(self, connection: Connection, key: str, path: Path) -> bool:
        """Write an object; return False where there is one, unless that is the wrong one that was received."""
        tag = connection.tags.get(key) if key in connection.wrong else None
        with path.open("rb") as file:
            is_written = connection.ask(lambda client: _put(client, self.bucket, key, file, tag))
        connection.wrong.discard(key)
        connection.present.add(key)
        return is_written

    def _look_at(self, entry: RemoteEntry) -> None:
        """Receive the object that another machine wrote, so that a wrong one can be replaced."""
        # A build may give a file that a forged note has kept readers from asking for.
        with (
            tempfile.TemporaryDirectory(prefix="constructs-lib-") as folder,
            Path(folder, "object").open("xb") as file,
        ):
            self.receive(entry, file)

    def outdate(self, entry: RemoteEntry) -> None:
        """Have an entry replaced that is genuine and of no use: the file that it names is gone."""
        connection = _connection(self)
        key = self._key(entry)
        if key in connection.tags:
            connection.wrong.add(key)

    def _key(self, entry: RemoteEntry) -> str:
        return f"{self.prefix}/{entry.name}" if self.prefix else entry.name


def _location(address: str) -> S3Location:
    shown = redact(address)
    try:
        location = S3Location.parse(address)
    except ValueError:
        raise StoreError(
            "remote-store-invalid", f"{ADDRESS} is {shown!a}: write s3://bucket/prefix"
        ) from None
    if fault := bucket_fault(location.bucket):
        raise StoreError("remote-store-invalid", f"{ADDRESS} is {shown!a}: the bucket {fault}")
    if location.key and (fault := prefix_fault(location.key)):
        raise StoreError("remote-store-invalid", f"{ADDRESS} is {shown!a}: the prefix {fault}")
    return location


def _switch(name: str, environment: Mapping[str, str]) -> bool:
    value = environment.get(name, "")
    if value not in _SWITCH:
        raise StoreError("remote-store-invalid", f"{name} is {value!a}: write 1, or leave it out")
    return _SWITCH[value]


@lru_cache
def _warn_without_key(store: RemoteStore) -> None:
    log.warning(
        "%s is set and %s is not, so nothing that was built is taken from %s or written there: set the key that its "
        "machines share, or unset the store",
        ADDRESS,
        KEY_VARIABLE,
        store.address,
    )


def _connection(store: RemoteStore) -> Connection:
    """Return this process's one connection to a store: it warns once, and waits once."""
    with _LOCK:
        return _CONNECTIONS.setdefault(store, Connection(store.address))


def _get(client: S3Client, bucket: str, key: str) -> GetObjectOutputTypeDef | None:
    try:
        return client.get_object(Bucket=bucket, Key=key)
    except client.exceptions.NoSuchKey:
        return None


def _put(client: S3Client, bucket: str, key: str, file: BinaryIO, replaced: str | None) -> bool:
    """Write an object that is not there, or the one that has the ETag `replaced`; return False for another one."""
    try:
        if replaced is None:
            client.put_object(Bucket=bucket, Key=key, Body=file, IfNoneMatch="*")
        else:
            client.put_object(Bucket=bucket, Key=key, Body=file, IfMatch=replaced)
    except client.exceptions.NoSuchKey:
        return True  # the one to replace is gone: the next machine writes it
    except client.exceptions.ClientError as error:
        if error.response["Error"]["Code"] not in _ALREADY_THERE:
            raise
        return False
    return True


def _content(file: BinaryIO) -> memoryview:
    """Map a file that was just written."""
    with Path(file.name).open("rb") as written:
        try:
            return memoryview(mmap.mmap(written.fileno(), 0, access=mmap.ACCESS_READ))
        except ValueError:  # an empty file cannot be mapped
            return memoryview(b"")
