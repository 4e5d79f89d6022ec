"""The names of a remote store's objects, and the proof of their bytes."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from constructs_lib.core.archive.entry import compress
from constructs_lib.core.store.packs import write_pack
from constructs_lib.core.store.remote_entry import RemoteEntry

if TYPE_CHECKING:
    import pytest

    from constructs_lib.core.store.wheel_store import WheelStore

KEY, OTHER = hashlib.sha256(b"inputs").hexdigest(), hashlib.sha256(b"other inputs").hexdigest()


def genuine(store: WheelStore) -> dict[RemoteEntry, bytes]:
    """Return one entry of each kind, with its bytes."""
    store.write_note("built", KEY, {"sha256": KEY})
    write_pack(store, KEY, {"one": compress("one.py", b"x = 1\n", "demo")})
    content = b"a wheel"
    return {
        RemoteEntry.of_note("built", KEY): store.note("built", KEY).read_bytes(),
        RemoteEntry.of_pack(KEY): store.pack(KEY).read_bytes(),
        RemoteEntry.of_file(hashlib.sha256(content).hexdigest(), ".whl"): content,
    }


def test_a_file_is_named_by_its_content_and_all_else_by_a_hash_that_needs_the_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The hash of a build's inputs, of which one may be guessed, is not in any name; another key has other names."""
    assert RemoteEntry.of_file(KEY, ".whl").name == f"v1/files/{KEY[:2]}/{KEY}.whl"
    derived = [
        RemoteEntry.of_note("built", KEY),
        RemoteEntry.of_note("native", KEY),
        RemoteEntry.of_pack(KEY),
    ]
    names = [entry.name for entry in derived]
    assert [name.split("/")[:2] for name in names] == [["v1", "built"], ["v1", "native"], ["v1", "packs"]]
    assert not any(KEY[:8] in name for name in names)
    monkeypatch.setenv("CONSTRUCTS_LIB_STORE_KEY", "the key of another team")
    assert not {entry.name for entry in derived} & set(names)


def test_only_the_bytes_that_were_written_for_an_entry_are_sound(store: WheelStore) -> None:
    """Not those of another entry or kind, genuine as they are."""
    entries = genuine(store)
    for entry, content in entries.items():
        assert entry.is_sound(memoryview(content))
        for other in (*entries, RemoteEntry.of_note("native", KEY), RemoteEntry.of_pack(OTHER)):
            assert other == entry or not other.is_sound(memoryview(content))


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_other_bytes_are_sound(store: WheelStore, data: st.DataObject) -> None:
    """Whatever they are: nothing, noise, a genuine entry that was cut, extended or changed."""
    entries = genuine(store)
    entry = data.draw(st.sampled_from(sorted(entries)))
    content = entries[entry]
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(content))] * 2)))
    forged = content[:start] + data.draw(st.binary(max_size=80)) + content[end:]
    assert entry.is_sound(memoryview(forged)) == (forged == content)


def test_a_note_is_small() -> None:
    """A forged one does not fill the disk before it is found out."""
    assert RemoteEntry.of_note("built", KEY).largest < RemoteEntry.of_pack(KEY).largest
