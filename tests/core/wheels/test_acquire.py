"""The wheels of a lock file: from the store, from the index, or built."""

from __future__ import annotations

import io
import os
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import StoreError, ToolError
from constructs_lib.core.progress import Progress
from constructs_lib.core.target import Target
from constructs_lib.core.wheels.acquire import acquire
from constructs_lib.core.wheels.wheel_source import WheelSource
from tests.support.files.wheels import wheel_bytes, wheel_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from constructs_lib.core.lock.locked import LockedFile
    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.wheels.wheel import Wheel
    from tests.support.aws.shared_store import SharedStore
    from tests.support.index.simple_index import Index

TARGET = Target("3.12")


@pytest.fixture
def files(index: Index) -> list[LockedFile]:
    return [index.add(wheel_name(name), wheel_bytes(name)) for name in ("bb", "aa", "cc")]


def test_wheels_come_in_the_order_of_the_lock(
    store: WheelStore, index: Index, files: list[LockedFile]
) -> None:
    """Each has the verified bytes and its own hash as identity, and is read once."""
    read: list[str] = []

    def note(wheel: Wheel) -> Wheel:
        read.append(wheel.name)
        return wheel

    wheels = acquire(files, WheelSource(TARGET, store), note)
    assert [wheel.name for wheel in wheels] == ["bb", "aa", "cc"]
    assert [bytes(wheel.content) for wheel in wheels] == [index.files[file.filename] for file in files]
    assert [(wheel.identity, wheel.built_here) for wheel in wheels] == [
        (file.sha256, False) for file in files
    ]
    assert sorted(read) == ["aa", "bb", "cc"]


def test_a_full_store_asks_nobody(store: WheelStore, index: Index, files: list[LockedFile]) -> None:
    """The second time nothing is fetched or printed, and each wheel is read again."""
    acquire(files, WheelSource(TARGET, store), str)
    index.asked.clear()
    lines = io.StringIO()
    read: list[str] = []
    source = WheelSource(TARGET, store, Progress(stream=lines))
    acquire(files, source, lambda wheel: read.append(wheel.name))
    assert (sum(index.asked.values()), lines.getvalue()) == (0, "")
    assert sorted(read) == ["aa", "bb", "cc"]


def unread(wheel: Wheel) -> Wheel:
    return wheel


def flip(content: bytes) -> bytes:
    return content[:50] + bytes([content[50] ^ 1]) + content[51:]


@pytest.mark.parametrize(
    "damage",
    [flip, lambda content: content[:-1], lambda _: b"", lambda content: content + b"x"],
    ids=["flipped", "truncated", "empty", "longer"],
)
def test_a_damaged_entry_is_fetched_again_and_said(
    store: WheelStore,
    index: Index,
    files: list[LockedFile],
    damage: Callable[[bytes], bytes],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Only that one; the store is whole afterwards."""
    acquire(files, WheelSource(TARGET, store), str)
    index.asked.clear()
    path = store.path(files[1].sha256)
    path.write_bytes(damage(path.read_bytes()))
    wheels = acquire(files, WheelSource(TARGET, store), unread)
    assert bytes(wheels[1].content) == path.read_bytes() == index.files[files[1].filename]
    assert dict(index.asked) == {files[1].filename: 1}
    assert caplog.messages == ["1 damaged file in the store is fetched again: aa-1.0-py3-none-any.whl"]


def test_a_line_names_three_damaged_files_at_most(
    store: WheelStore, index: Index, caplog: pytest.LogCaptureFixture
) -> None:
    """A store that was copied badly has hundreds."""
    files = [index.add(wheel_name(name), wheel_bytes(name)) for name in ("aa", "bb", "cc", "dd", "ee")]
    acquire(files, WheelSource(TARGET, store), str)
    for file in files:
        store.path(file.sha256).write_bytes(b"damaged")
    acquire(files, WheelSource(TARGET, store), str)
    [line] = caplog.messages
    assert line == (
        "5 damaged files in the store are fetched again: aa-1.0-py3-none-any.whl, bb-1.0-py3-none-any.whl, "
        "cc-1.0-py3-none-any.whl and 2 more"
    )


def test_large_wheels_are_verified_side_by_side(
    store: WheelStore, index: Index, files: list[LockedFile], caplog: pytest.LogCaptureFixture
) -> None:
    """In worker threads, unlike small ones: order, one reading each, and a damaged file are the same."""
    large = index.add(wheel_name("dd"), wheel_bytes("dd", files={"dd.bin": os.urandom(9_000_000)}))
    files = [large, *files]
    acquire(files, WheelSource(TARGET, store), str)
    store.path(files[2].sha256).write_bytes(b"damaged")
    threads: list[str] = []

    def note(wheel: Wheel) -> str:
        threads.append(threading.current_thread().name)
        return wheel.name

    assert acquire(files, WheelSource(TARGET, store), note) == ["dd", "bb", "aa", "cc"]
    assert sum(name.startswith("verify") for name in threads) == 3
    assert len(threads) == len(files)
    assert caplog.messages == ["1 damaged file in the store is fetched again: aa-1.0-py3-none-any.whl"]


def test_a_damaged_sdist_is_fetched_again_and_said(
    store: WheelStore, index: Index, caplog: pytest.LogCaptureFixture
) -> None:
    """Before anything is built from it."""
    sdist = replace(index.add("dd-1.0.tar.gz", b"not a tar"), name="dd", version="1.0")
    store.path(sdist.sha256, ".gz").parent.mkdir(parents=True)
    store.path(sdist.sha256, ".gz").write_bytes(b"damaged")
    with pytest.raises(ToolError, match=r"^dd-1\.0\.tar\.gz cannot be built: "):
        acquire([sdist], WheelSource(TARGET, store), str)
    assert caplog.messages == ["1 damaged file in the store is fetched again: dd-1.0.tar.gz"]
    assert store.path(sdist.sha256, ".gz").read_bytes() == b"not a tar"


def test_a_damaged_entry_that_cannot_be_replaced_is_one_line(
    store: WheelStore, files: list[LockedFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that only others may write: the error names the file to delete."""
    acquire(files, WheelSource(TARGET, store), str)
    path = store.path(files[0].sha256)
    path.write_bytes(b"x")
    monkeypatch.setattr(type(store), "discard", lambda *_: None)
    with pytest.raises(
        StoreError, match=rf"^{path} \(bb-.*\.whl\) is damaged: delete it, it will be fetched"
    ):
        acquire(files, WheelSource(TARGET, store), str)


# --- a remote store that machines share ------------------------------------------------------------------


def test_wheels_of_an_index_are_shared_when_that_is_asked(
    shared: SharedStore, tmp_path: Path, index: Index, files: list[LockedFile]
) -> None:
    """The second machine asks no index, a third one without that choice only the index."""
    acquire(files, WheelSource(TARGET, shared.machine(tmp_path / "1", writes=True, wheels=True)), unread)
    assert {name.rpartition("/")[2] for name in shared.objects} == {f"{file.sha256}.whl" for file in files}
    index.asked.clear()
    source = WheelSource(TARGET, shared.machine(tmp_path / "2", wheels=True))
    wheels = acquire(files, source, unread)
    assert [bytes(wheel.content) for wheel in wheels] == [index.files[file.filename] for file in files]
    assert sum(index.asked.values()) == 0
    shared.calls.clear()
    acquire(files, WheelSource(TARGET, shared.machine(tmp_path / "3", writes=True)), unread)
    assert (sum(index.asked.values()), shared.calls) == (3, [])


def test_a_wheel_of_the_remote_store_is_compared_with_the_lock(
    shared: SharedStore, tmp_path: Path, index: Index, files: list[LockedFile]
) -> None:
    """A forged one is fetched from the index, and replaced."""
    acquire(files, WheelSource(TARGET, shared.machine(tmp_path / "1", writes=True, wheels=True)), unread)
    genuine = shared.objects
    [key] = [key for key in genuine if files[1].sha256 in key]
    shared.put(key, wheel_bytes("aa", files={"aa.py": b"evil"}))
    index.asked.clear()
    source = WheelSource(TARGET, shared.machine(tmp_path / "2", writes=True, wheels=True))
    wheels = acquire(files, source, unread)
    assert bytes(wheels[1].content) == index.files[files[1].filename]
    assert sum(index.asked.values()) == 1
    assert shared.objects == genuine
