"""Wheels mapped from the store."""

from __future__ import annotations

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


@pytest.mark.parametrize("content", [None, b""], ids=["missing", "empty"])
def test_a_file_that_cannot_be_mapped_is_one_line(
    store: WheelStore, file: LockedFile, content: bytes | None
) -> None:
    path = store.path(file.sha256)
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StoreError, match=rf"^{path} cannot be read: ") as caught:
        map_wheel(file, store)
    assert caught.value.id == "store-unreadable"
