"""Wheels' files with more effort than their publishers'."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import WheelError
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.wheels.contents import wheel_entries
from constructs_lib.core.wheels.recompress import smallest
from tests.support.files.wheels import Member, wheel_bytes, wheel_of

if TYPE_CHECKING:
    from constructs_lib.core.wheels.wheel import Wheel

TEXT = b"".join(b"value_%d = %d\n" % (n, n * n) for n in range(3000))
LOOSE = Member(TEXT, level=1)
STORED = Member(TEXT, method=zipfile.ZIP_STORED)
FILES = {"loose.py": LOOSE, "stored.py": STORED, "empty.py": Member(), "noise": Member(bytes(range(256)))}


def made(wheel: Wheel, store: WheelStore) -> dict[str, bytes]:
    [entries] = smallest({wheel: wheel_entries(wheel)}, store)
    before = wheel_entries(wheel)
    assert [(each.name, each.content()) for each in entries] == [
        (each.name, each.content()) for each in before
    ]
    assert all(len(new.data) <= len(old.data) for new, old in zip(entries, before, strict=True))
    return {entry.name: bytes(entry.data) for entry in entries}


def test_every_file_is_at_most_as_large_and_the_same(store: WheelStore) -> None:
    """However the wheel holds it; with an empty store, a full one, and one whose pack is damaged."""
    wheel = wheel_of(wheel_bytes(files=FILES))
    first = made(wheel, store)
    assert len(first["loose.py"]) == len(first["stored.py"])
    assert len(first["loose.py"]) < 0.9 * min(
        len(each.data) for each in wheel_entries(wheel) if each.name == "loose.py"
    )
    assert made(wheel, store) == first
    [pack] = store.root.rglob("*.pack")
    pack.write_bytes(b"")
    assert made(wheel, store) == first == made(wheel, WheelStore(store.root / "other"))


def test_the_publishers_bytes_stay_where_ours_are_no_smaller(store: WheelStore) -> None:
    """Nothing of them is in the store a second time."""
    wheel = wheel_of(wheel_bytes(files=FILES))
    [entries] = smallest({wheel: wheel_entries(wheel)}, store)
    raw = {entry.name: entry for entry in wheel_entries(wheel)}
    kept = [entry for entry in entries if entry.data == raw[entry.name].data]
    assert "empty.py" in {entry.name for entry in kept}
    [pack] = store.root.rglob("*.pack")
    assert b"empty.py" not in pack.read_bytes()


def test_a_damaged_wheel_is_noticed(store: WheelStore) -> None:
    """Nothing is kept of it."""
    content = bytearray(wheel_bytes(files={"a.py": Member(TEXT, method=zipfile.ZIP_DEFLATED)}))
    content[content.index(b"a.py") + 200] ^= 0xFF
    wheel = wheel_of(bytes(content))
    with pytest.raises(WheelError, match=r"a\.py"):
        smallest({wheel: wheel_entries(wheel)}, store)
    assert list(store.root.rglob("*.pack")) == []
