"""What a lock asks for → wheels at hand."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import StoreError
from constructs_lib.core.progress import QUIET, Progress
from constructs_lib.core.target import Target
from constructs_lib.core.wheels.provide import provide
from tests.support.files.wheels import wheel_bytes, wheel_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_lib.core.lock.locked import LockedFile
    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.wheels.wheel import Wheel
    from tests.support.index.simple_index import Index

TARGET = Target("3.12")


@pytest.fixture
def files(index: Index) -> list[LockedFile]:
    return [index.add(wheel_name(name), wheel_bytes(name)) for name in ("bb", "aa", "cc")]


def test_wheels_come_in_the_order_of_the_lock(
    store: WheelStore, index: Index, files: list[LockedFile]
) -> None:
    """Each with the verified bytes, its own hash as identity, and handed on once as soon as it is there."""
    ready: list[str] = []
    wheels = provide(files, store, TARGET, QUIET, lambda wheel: ready.append(wheel.name))
    assert [wheel.name for wheel in wheels] == ["bb", "aa", "cc"]
    assert [bytes(wheel.content) for wheel in wheels] == [index.files[file.filename] for file in files]
    assert [(wheel.identity, wheel.built_here) for wheel in wheels] == [
        (file.sha256, False) for file in files
    ]
    assert sorted(ready) == ["aa", "bb", "cc"]


def test_a_full_store_asks_nobody(store: WheelStore, index: Index, files: list[LockedFile]) -> None:
    """The second time nothing is fetched or said, and each wheel is handed on again."""
    provide(files, store, TARGET, QUIET)
    index.asked.clear()
    said = io.StringIO()
    ready: list[Wheel] = []
    wheels = provide(files, store, TARGET, Progress(stream=said), ready.append)
    assert (sum(index.asked.values()), said.getvalue()) == (0, "")
    assert sorted(each.name for each in ready) == sorted(each.name for each in wheels) == ["aa", "bb", "cc"]


def flip(content: bytes) -> bytes:
    return content[:50] + bytes([content[50] ^ 1]) + content[51:]


@pytest.mark.parametrize(
    "damage",
    [flip, lambda content: content[:-1], lambda _: b"", lambda content: content + b"x"],
    ids=["flipped", "truncated", "empty", "longer"],
)
def test_a_damaged_entry_is_fetched_again_and_said(
    store: WheelStore, index: Index, files: list[LockedFile], damage: Callable[[bytes], bytes]
) -> None:
    """Only that one; the store is whole afterwards."""
    provide(files, store, TARGET, QUIET)
    index.asked.clear()
    path = store.path(files[1].sha256)
    path.write_bytes(damage(path.read_bytes()))
    said = io.StringIO()
    wheels = provide(files, store, TARGET, Progress(stream=said))
    assert bytes(wheels[1].content) == path.read_bytes() == index.files[files[1].filename]
    assert dict(index.asked) == {files[1].filename: 1}
    assert "1 damaged files in the store are fetched again: aa-1.0-py3-none-any.whl\n" in said.getvalue()


def test_a_damaged_sdist_is_fetched_again_and_said(
    store: WheelStore, index: Index, files: list[LockedFile]
) -> None:
    """Before anything is built from it."""
    sdist = replace(index.add("dd-1.0.tar.gz", b"not a tar"), name="dd", version="1.0")
    store.path(sdist.sha256, ".gz").parent.mkdir(parents=True)
    store.path(sdist.sha256, ".gz").write_bytes(b"damaged")
    said = io.StringIO()
    with pytest.raises(Exception, match="uv build"):
        provide([sdist], store, TARGET, Progress(stream=said))
    assert "1 damaged files in the store are fetched again: dd-1.0.tar.gz\n" in said.getvalue()
    assert store.path(sdist.sha256, ".gz").read_bytes() == b"not a tar"


def test_a_damaged_entry_that_cannot_be_replaced_is_one_line(
    store: WheelStore, files: list[LockedFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that only others may write: the error names the file to delete."""
    provide(files, store, TARGET, QUIET)
    path = store.path(files[0].sha256)
    path.write_bytes(b"x")
    monkeypatch.setattr(type(store), "discard", lambda *_: None)
    with pytest.raises(
        StoreError, match=rf"^{path} \(bb-.*\.whl\) is damaged: delete it, it will be fetched"
    ):
        provide(files, store, TARGET, QUIET)
