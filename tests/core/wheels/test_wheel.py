"""Wheels mapped from the store."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import StoreError
from constructs_lib.core.wheels.wheel import map_wheel, open_wheel
from tests.support.files.wheels import locked_file, make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.lock.locked import LockedFile
    from constructs_lib.core.store.wheel_store import WheelStore


@pytest.fixture
def file(store: WheelStore, tmp_path: Path) -> LockedFile:
    path = make_wheel(tmp_path)
    store.add(path)
    return locked_file(path.name, path.read_bytes(), path)


def test_a_wheel_has_its_bytes_and_its_identity(store: WheelStore, file: LockedFile) -> None:
    """Its own hash, or that of the source it was built from."""
    wheel = open_wheel(file, store)
    assert bytes(wheel.content) == store.path(file.sha256).read_bytes()
    assert (wheel.identity, wheel.built_here) == (file.sha256, False)
    built = open_wheel(file, store, identity="source")
    assert (built.identity, built.built_here) == ("source", True)


def test_other_bytes_are_refused(store: WheelStore, file: LockedFile) -> None:
    """The line names the file to delete."""
    store.path(file.sha256).write_bytes(b"damaged")
    with pytest.raises(StoreError, match=rf"^{store.path(file.sha256)} \(.*\.whl\) is damaged: delete it"):
        open_wheel(file, store)


def test_a_file_that_cannot_be_read_is_one_line(store: WheelStore, file: LockedFile) -> None:
    """It may be sound, so it is not called damaged; the remedy is named."""
    path = store.path(file.sha256)
    path.unlink()
    path.mkdir()
    with pytest.raises(
        StoreError, match=rf"^{path} cannot be read: Is a directory; give this user "
    ) as caught:
        map_wheel(file, store)
    assert caught.value.id == "store-unreadable"


def test_an_emptied_file_is_damaged(store: WheelStore, file: LockedFile) -> None:
    """An empty file cannot be mapped, which is no reason for another error."""
    store.path(file.sha256).write_bytes(b"")
    with pytest.raises(StoreError, match="is damaged: delete it") as caught:
        open_wheel(file, store)
    assert caught.value.id == "store-damaged"


def aged(path: Path, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the file be as old as that for this process: its time of change cannot be set."""
    now = path.stat().st_ctime_ns + int(seconds * 1e9)
    monkeypatch.setattr("constructs_lib.core.wheels.wheel.time.time_ns", lambda: now)


def test_a_process_hashes_a_wheel_once(
    store: WheelStore, file: LockedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until somebody writes it, also with the same size and the same time of its content."""
    path = store.path(file.sha256)
    aged(path, 60, monkeypatch)
    open_wheel(file, store)
    with monkeypatch.context() as without_hashes:
        without_hashes.setattr("constructs_lib.core.wheels.wheel.hashlib", None)
        open_wheel(file, store)
    before = path.stat()
    path.write_bytes(b"x" * before.st_size)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    aged(path, 60, monkeypatch)
    with pytest.raises(StoreError, match="is damaged"):
        open_wheel(file, store)


def test_a_file_that_was_just_written_is_hashed_each_time(
    store: WheelStore, file: LockedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock of the file system moves in steps: a second write may leave the time as it is."""
    aged(store.path(file.sha256), 0.001, monkeypatch)
    open_wheel(file, store)
    with monkeypatch.context() as without_hashes:
        without_hashes.setattr("constructs_lib.core.wheels.wheel.hashlib", None)
        with pytest.raises(AttributeError):
            open_wheel(file, store)
