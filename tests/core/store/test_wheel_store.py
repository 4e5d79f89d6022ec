"""The wheel store: every entry is right or absent."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from constructs_lib.core.errors import StoreError
from constructs_lib.core.store.wheel_store import WheelStore, default_root
from tests.support.limits import files_no_larger_than

SHA = hashlib.sha256(b"content").hexdigest()


def everything(store: WheelStore) -> set[str]:
    return {path.name for path in store.root.rglob("*") if path.is_file()}


def test_the_default_is_the_users_cache_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """CONSTRUCTS_LIB_STORE names another folder; an empty value counts as none."""
    monkeypatch.setenv("CONSTRUCTS_LIB_STORE", "/somewhere")
    assert WheelStore.default().root == Path("/somewhere")
    monkeypatch.setenv("CONSTRUCTS_LIB_STORE", "")
    monkeypatch.setenv("XDG_CACHE_HOME", "/home/me/.cache")
    assert default_root().name == "constructs-lib"


def test_an_entry_lies_under_its_hash(store: WheelStore) -> None:
    """With its suffix, so that a wheel and an sdist are told apart; below the schema's folder."""
    assert store.path(SHA) == store.root / "v1" / "files" / SHA[:2] / f"{SHA}.whl"
    assert store.path(SHA, ".gz").name == f"{SHA}.gz"


def test_a_file_is_added_under_its_content(store: WheelStore, tmp_path: Path) -> None:
    """And only it: nothing temporary stays. Adding it twice is no error."""
    (tmp_path / "file").write_bytes(b"content")
    assert not store.holds(SHA)
    for _ in range(2):
        assert store.add(tmp_path / "file") == SHA
        assert store.path(SHA).read_bytes() == b"content"
    assert everything(store) == {f"{SHA}.whl"}
    store.discard(SHA)
    store.discard(SHA)
    assert not store.holds(SHA)


def test_a_file_that_is_not_there_is_one_line(store: WheelStore, tmp_path: Path) -> None:
    """Its path, and no traceback."""
    with pytest.raises(StoreError, match=r"/gone\.whl does not exist$"):
        store.add(tmp_path / "gone.whl")
    assert store.size(SHA) == 0


def test_what_is_not_kept_is_gone(store: WheelStore) -> None:
    """Also when the block ends with an error."""
    with store.writing() as file:
        file.write(b"half")

    def fail() -> None:
        with store.writing() as file:
            file.write(b"half")
            raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        fail()
    assert everything(store) == set()


def test_notes_come_back(store: WheelStore) -> None:
    """By kind and key; an absent one is None."""
    store.write_note("facts", SHA, {"a": [1, "ü"]})
    assert store.read_note("facts", SHA) == {"a": [1, "ü"]}
    assert store.read_note("built", SHA) is None
    assert store.read_note("facts", "0" * 64) is None


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"1", b'{"a": 1}', b'{"note": {}, "sha256": "0"}'])
def test_a_note_that_is_not_as_it_was_written_is_none(store: WheelStore, damage: bytes) -> None:
    """Cut, emptied, or changed: it is found again rather than believed."""
    store.write_note("facts", SHA, {"a": 1})
    [path] = store.root.rglob("*.json")
    path.write_bytes(damage)
    assert store.read_note("facts", SHA) is None


def test_a_store_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """Here a file stands where its folder should be; the remedy is named."""
    (tmp_path / "store").write_text("")
    (tmp_path / "file").write_bytes(b"content")
    with pytest.raises(StoreError) as caught:
        WheelStore(tmp_path / "store").add(tmp_path / "file")
    text = str(caught.value)
    assert text.startswith(f"the wheel store {tmp_path}/store cannot be written: ")
    assert text.endswith("; set CONSTRUCTS_LIB_STORE to a folder with room")
    assert len(text.splitlines()) == 1


def test_a_full_disk_leaves_no_half_entry(store: WheelStore, tmp_path: Path) -> None:
    """Neither under the hash nor as a temporary file."""
    (tmp_path / "file").write_bytes(bytes(100_000))
    with files_no_larger_than(50_000), pytest.raises(StoreError, match="cannot be written: File too large"):
        store.add(tmp_path / "file")
    assert everything(store) == set()


def test_clearing_removes_the_entries_and_nothing_beside_them(store: WheelStore, tmp_path: Path) -> None:
    """Somebody may have named a folder that also holds other things."""
    (tmp_path / "file").write_bytes(b"content")
    store.add(tmp_path / "file")
    store.write_note("facts", SHA, {})
    (store.root / "notes.txt").write_text("mine")
    before = store.usage()
    assert before.files == 2
    assert before.size > len(b"content")
    assert store.clear() == before
    assert everything(store) == {"notes.txt"}
    assert store.clear() == store.usage()
    assert store.usage().files == 0
