"""The wheel store: every entry is right or absent."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from constructs_lib.core.errors import StoreError
from constructs_lib.core.store.wheel_store import WheelStore

SHA = hashlib.sha256(b"content").hexdigest()


def everything(store: WheelStore) -> set[str]:
    return {path.name for path in store.root.rglob("*") if path.is_file()}


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


def test_a_note_that_is_not_as_it_was_written_is_none(store: WheelStore) -> None:
    """Cut anywhere, emptied, or changed in any byte: it is found again rather than believed."""
    store.write_note("facts", SHA, {"a": 1})
    [path] = store.root.rglob("*.json")
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place])
        assert store.read_note("facts", SHA) is None
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert store.read_note("facts", SHA) is None
    for nonsense in (b"[" * 100_000, b'{"note": {}, "sha256": "0"}'):
        path.write_bytes(nonsense)
        assert store.read_note("facts", SHA) is None


def test_a_note_counts_only_where_it_was_written(store: WheelStore) -> None:
    """A note that is copied to another kind or another key is none, although its seal is genuine."""
    store.write_note("facts", SHA, {"a": 1})
    [path] = store.root.rglob("*.json")
    other = "0" * 64
    for place in (f"built/{SHA[:2]}/{SHA}", f"facts/00/{other}"):
        copy = store.root / "v1" / f"{place}.json"
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    assert store.read_note("facts", SHA) == {"a": 1}
    assert store.read_note("built", SHA) is None
    assert store.read_note("facts", other) is None


@pytest.mark.parametrize(
    ("sha256", "suffix"),
    [
        ("../../victim", ".whl"),
        (SHA.upper(), ".whl"),
        (SHA[:-1], ".whl"),
        (f"{SHA}\n", ".whl"),
        ("", ".whl"),
        ("a" * 5000, ".whl"),
        (SHA, ""),
        (SHA, "/../../x.conf"),
        (SHA, ".whl\0"),
    ],
)
def test_only_a_hash_becomes_a_path(store: WheelStore, sha256: str, suffix: str) -> None:
    """A value of a lock file that is none is refused in one short line, and nothing outside is removed."""
    victim = store.root / "victim.whl"
    victim.parent.mkdir(exist_ok=True)
    victim.touch()
    for use in (store.path, store.holds, store.size, store.discard):
        with pytest.raises(StoreError, match=r"names no file by its sha256$") as caught:
            use(sha256, suffix)
        assert caught.value.id == "hash-invalid"
        assert len(str(caught.value)) < 200
    assert victim.exists()


def test_files_have_the_mode_of_the_umask(store: WheelStore, tmp_path: Path) -> None:
    """Files, notes and folders of the store can be read by other users, if the umask allows it."""
    (tmp_path / "file").write_bytes(b"content")
    before = os.umask(0o022)
    try:
        store.add(tmp_path / "file")
        store.write_note("facts", SHA, {})
    finally:
        os.umask(before)
    modes = {path.stat().st_mode & 0o777 for path in store.root.rglob("*") if path.is_file()}
    assert modes == {0o644}


def test_a_key_that_is_too_short_is_an_error_at_the_first_note(
    store: WheelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise nothing that was derived would ever be kept, without a word."""
    monkeypatch.setenv("CONSTRUCTS_LIB_STORE_KEY", "short")
    with pytest.raises(StoreError, match="has 5 characters"):
        store.write_note("facts", SHA, {})


def test_a_note_that_cannot_be_written_is_not_missed(tmp_path: Path) -> None:
    """A store that cannot be written still serves what it has."""
    (tmp_path / "store").write_text("")
    store = WheelStore(tmp_path / "store")
    store.write_note("facts", SHA, {})
    assert store.read_note("facts", SHA) is None


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


@given(
    st.one_of(st.text(), st.text("0123456789abcdef/.", max_size=70), st.just(SHA)),
    st.text("./aé\\\0", max_size=6),
)
def test_any_name_is_inside_the_store_or_refused(key: str, suffix: str) -> None:
    """Hashes and file names of a lock come here."""
    root, path = Path("/store"), None
    with suppress(StoreError):
        path = WheelStore(root).path(key, suffix)
    if path is not None:
        assert path == Path(os.path.normpath(path))
        assert path.parent == root / "v1" / "files" / key[:2]
        assert len(path.name) <= len(SHA) + 11


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0), st.integers(1, 255), st.sampled_from(["change", "cut", "add"]))
def test_a_note_with_any_other_byte_is_none(store: WheelStore, place: int, change: int, how: str) -> None:
    """Wherever it was changed, cut or made longer: no error, and nothing of it is used."""
    store.write_note("facts", SHA, {"name": "demo", "files": ["a", "b"]})
    [path] = (store.root / "v1" / "facts").rglob("*.json")
    content = bytearray(path.read_bytes())
    place %= len(content)
    if how == "change":
        content[place] ^= change
    elif how == "cut":
        del content[place:]
    else:
        content[place:place] = bytes([change])
    path.write_bytes(content)
    assert store.read_note("facts", SHA) is None
