"""Entries are kept in the store and come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.archive.entry import compress
from constructs_lib.core.store.packs import pack_key, read_pack, read_packs, write_pack
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.wheels.recompress import wheel_pack_key
from tests.support.files.wheels import wheel_bytes, wheel_of
from tests.support.limits import files_no_larger_than

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.archive.entry import Entry

KEY = pack_key(kind="test")


def entries() -> dict[str, Entry]:
    return {
        "one": compress("python/ü.py", b"x = 1\n" * 50, "demo", executable=True),
        "empty": compress("python/empty", b"", "demo"),
        "stored": compress("python/noise", bytes(range(256)), "other"),
    }


def test_a_pack_comes_back_as_it_was_written(store: WheelStore) -> None:
    """By label, with data, in order; an empty one is there too."""
    write_pack(store, KEY, entries())
    write_pack(store, pack_key(kind="none"), {})
    found = read_pack(store, KEY)
    assert found == entries()
    assert [each.content() for each in found.values()] == [each.content() for each in entries().values()]
    assert read_packs(store, [pack_key(kind="none"), KEY, pack_key(kind="absent")]) == [{}, entries(), None]


def test_a_pack_that_is_not_as_it_was_written_is_none(store: WheelStore) -> None:
    """Any byte changed, any end cut off, nothing at all."""
    write_pack(store, KEY, entries())
    path = store.pack(KEY)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert read_pack(store, KEY) is None
        path.write_bytes(whole[:place])
        assert read_pack(store, KEY) is None
    path.write_bytes(whole)
    assert read_pack(store, KEY) == entries()


def test_a_pack_that_others_wrote_is_none(store: WheelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bytes would go into a layer unseen: only what was written with the same key, for the same inputs, counts."""
    write_pack(store, KEY, entries())
    other = store.pack(pack_key(kind="other"))
    other.parent.mkdir(exist_ok=True)
    other.write_bytes(store.pack(KEY).read_bytes())
    assert read_pack(store, pack_key(kind="other")) is None
    monkeypatch.setenv("CONSTRUCTS_LIB_STORE_KEY", "the key of somebody else")
    assert read_pack(store, KEY) is None


def test_a_pack_that_cannot_be_written_is_not_missed(tmp_path: Path) -> None:
    """On a full disk, or where the store's folder cannot be: nothing half-written is found afterwards."""
    full = WheelStore(tmp_path / "full")
    with files_no_larger_than(100):
        write_pack(full, KEY, entries())
    (tmp_path / "file").touch()
    write_pack(WheelStore(tmp_path / "file"), KEY, entries())
    assert [path for path in full.root.rglob("*") if path.is_file()] == []
    assert read_pack(full, KEY) is None


@pytest.mark.parametrize("other", ["kind", "wheel", "names"])
def test_the_name_holds_all_that_decides(other: str) -> None:
    """The wheel's content, what is done to it, and which of its files."""
    wheel = wheel_of(wheel_bytes("other" if other == "wheel" else "demo"))
    taken = list(entries().values())[1 if other == "names" else 0 :]
    key = wheel_pack_key(wheel, taken, kind="b" if other == "kind" else "a")
    assert key != wheel_pack_key(wheel_of(wheel_bytes("demo")), entries().values(), kind="a")
