"""The wheel store's folder: its place, and one line for each way in which it cannot be used."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from constructs_lib.core.errors import StoreError
from constructs_lib.core.store.store_folder import default_root
from constructs_lib.core.store.wheel_store import WheelStore
from tests.support.limits import files_no_larger_than

SHA = hashlib.sha256(b"content").hexdigest()


def test_the_default_is_the_users_cache_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """CONSTRUCTS_LIB_STORE names another folder; an empty value counts as none."""
    monkeypatch.setenv("CONSTRUCTS_LIB_STORE", "/somewhere")
    assert WheelStore.default().root == Path("/somewhere")
    monkeypatch.setenv("CONSTRUCTS_LIB_STORE", "")
    monkeypatch.setenv("XDG_CACHE_HOME", "/home/me/.cache")
    assert default_root().name == "constructs-lib"


def test_a_store_that_every_user_may_write_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Once for each store, with the command that helps; the command helps."""
    monkeypatch.setenv("CONSTRUCTS_LIB_STORE", str(tmp_path / "open"))
    (tmp_path / "open" / "v1").mkdir(parents=True)
    (tmp_path / "open" / "v1").chmod(0o777)
    WheelStore.default()
    WheelStore.default()
    assert [record.getMessage().partition(": ")[0] for record in caplog.records] == [
        f"every user of this machine may write the wheel store {tmp_path}/open"
    ]
    (tmp_path / "closed" / "v1").mkdir(parents=True)
    monkeypatch.setenv("CONSTRUCTS_LIB_STORE", str(tmp_path / "closed"))
    caplog.clear()
    WheelStore.default()
    assert caplog.records == []


def test_a_store_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """Here a file is where its folder should be; the remedy names what to remove."""
    (tmp_path / "store").write_text("")
    (tmp_path / "file").write_bytes(b"content")
    with pytest.raises(StoreError) as caught:
        WheelStore(tmp_path / "store").add(tmp_path / "file")
    text = str(caught.value)
    assert text.startswith(f"the wheel store {tmp_path}/store cannot be written: ")
    assert text.endswith(" is in the way: remove it, or set CONSTRUCTS_LIB_STORE to another folder")
    assert len(text.splitlines()) == 1


def test_a_folder_in_place_of_an_entry_is_named(store: WheelStore, tmp_path: Path) -> None:
    """To make room would not help."""
    (tmp_path / "file").write_bytes(b"content")
    store.path(SHA).mkdir(parents=True)
    with pytest.raises(StoreError, match=f"{store.path(SHA)} is in the way: remove it"):
        store.add(tmp_path / "file")


@pytest.mark.parametrize("place", ["v1", "v1/tmp", "v1/files", "v1/files/aa"])
def test_a_file_in_place_of_a_folder_is_named(store: WheelStore, tmp_path: Path, place: str) -> None:
    """The file itself, not the path below it that could not be made."""
    (tmp_path / "file").write_bytes(b"content")
    obstacle = store.root / place.replace("aa", SHA[:2])
    obstacle.parent.mkdir(parents=True)
    obstacle.write_text("")
    with pytest.raises(StoreError, match=f"; {obstacle} is in the way: remove it"):
        store.add(tmp_path / "file")


def test_a_full_disk_leaves_no_half_entry(store: WheelStore, tmp_path: Path) -> None:
    """Neither under the hash nor as a temporary file."""
    (tmp_path / "file").write_bytes(bytes(100_000))
    remedy = "cannot be written: File too large; make room, or set CONSTRUCTS_LIB_STORE to a folder with room"
    with files_no_larger_than(50_000), pytest.raises(StoreError, match=remedy):
        store.add(tmp_path / "file")
    assert [path for path in store.root.rglob("*") if path.is_file()] == []
