"""What one machine has made another takes from the remote store, and nothing from it changes a result."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from constructs_lib.core.archive.entry import compress
from constructs_lib.core.store.packs import read_packs, share_packs, write_pack
from constructs_lib.core.store.sharing import bring_files, outdate_note
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.wheels.built import build_key, keep_built, read_built
from tests.support.aws.shared_store import PREFIX, SharedStore
from tests.support.files.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.wheels.built import BuiltWheel

KEY, NATIVE, PACK, ABSENT = (build_key(name) for name in ("sdist", "native", "pack", "absent"))
ENTRIES = {"demo.py": compress("python/demo.py", b"x = 1\n" * 50, "demo")}


def fill(shared: SharedStore, folder: Path) -> BuiltWheel:
    """Make what a build makes, on a machine that fills the remote store."""
    store = shared.machine(folder / "filler", writes=True)
    built = keep_built(store, KEY, make_wheel(folder))
    store.write_note("native", NATIVE, {"filename": "demo.whl"})
    write_pack(store, PACK, ENTRIES)
    share_packs(store, [PACK])
    return built


def test_a_clean_machine_builds_nothing(shared: SharedStore, tmp_path: Path) -> None:
    """It takes wheel, notes and packs with one request for each, and has them from then on."""
    built = fill(shared, tmp_path)
    assert len(shared.objects) == 4
    shared.calls.clear()
    store = shared.machine(tmp_path / "clean")
    for _ in range(2):
        assert read_built(store, KEY) == built
        assert store.read_note("native", NATIVE) == {"filename": "demo.whl"}
        assert read_packs(store, [PACK]) == [ENTRIES]
    assert [name for name, _ in shared.calls] == ["GetObject"] * 4
    assert store.path(built.sha256).read_bytes() == make_wheel(tmp_path).read_bytes()
    assert read_built(WheelStore(store.root), KEY) == built


def test_what_nobody_has_made_is_absent(shared: SharedStore, tmp_path: Path) -> None:
    """One request for each entry, and no file of the store."""
    store = shared.machine(tmp_path / "clean", wheels=True)
    assert read_built(store, ABSENT) is None
    assert store.read_note("native", ABSENT) is None
    assert read_packs(store, [PACK, ABSENT]) == [None, None]
    assert bring_files(store, [(ABSENT, ".whl")]) == [False]
    assert [name for name, _ in shared.calls] == ["GetObject"] * 5
    assert [path for path in store.root.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("kind", ["facts", "exports", "git", "extensions", "container", "addresses"])
def test_notes_that_may_hold_an_address_or_a_path_stay_here(
    shared: SharedStore, tmp_path: Path, kind: str
) -> None:
    """So do those that are quickly made again."""
    store = shared.machine(tmp_path / "one", writes=True)
    store.write_note(kind, KEY, {"a": 1})
    assert store.read_note(kind, ABSENT) is None
    assert shared.calls == []


def test_a_store_without_a_remote_one_asks_nobody(shared: SharedStore, tmp_path: Path) -> None:
    """Nor does one that has everything."""
    store = WheelStore(tmp_path / "alone")
    built = keep_built(store, KEY, make_wheel(tmp_path))
    write_pack(store, PACK, ENTRIES)
    share_packs(store, [PACK])
    outdate_note(store, "built", KEY)
    assert bring_files(store, [(ABSENT, ".whl")]) == [False]
    full = shared.machine(store.root)
    assert read_built(full, KEY) == built
    assert read_packs(full, [PACK]) == [ENTRIES]
    assert shared.calls == []


def test_a_wheel_that_is_damaged_here_comes_again(shared: SharedStore, tmp_path: Path) -> None:
    """It need not be built again."""
    built = fill(shared, tmp_path)
    store = shared.machine(tmp_path / "clean")
    assert read_built(store, KEY) == built
    store.path(built.sha256).write_bytes(b"damaged")
    assert read_built(store, KEY) == built


def test_a_store_that_cannot_be_written_does_without(shared: SharedStore, tmp_path: Path) -> None:
    """What comes cannot be kept: the entry is absent."""
    fill(shared, tmp_path)
    (tmp_path / "file").touch()
    store = shared.machine(tmp_path / "file")
    assert read_built(store, KEY) is None
    assert read_packs(store, [PACK]) == [None]


@pytest.mark.parametrize("kind", ["files", "built", "packs"])
@pytest.mark.parametrize("content", [b"forged", None])
def test_a_wrong_or_missing_object_is_made_again_and_replaced(
    shared: SharedStore, tmp_path: Path, kind: str, content: bytes | None
) -> None:
    """Also a note whose wheel is gone, by a lifecycle rule for instance: the third machine has everything again."""
    fill(shared, tmp_path)
    [key] = [key for key in shared.objects if f"/{kind}/" in key]
    shared.s3.delete_object(Bucket="wheels", Key=key)
    if content is not None:
        shared.put(key, content)
    second = shared.machine(tmp_path / "second", writes=True)
    assert (read_built(second, KEY) is None) == (kind != "packs")
    assert (read_packs(second, [PACK]) == [None]) == (kind == "packs")
    # A build need not give the same bytes twice.
    other = keep_built(second, KEY, make_wheel(tmp_path, files={"demo.py": b"other"}))
    write_pack(second, PACK, ENTRIES)
    share_packs(second, [PACK])
    third = shared.machine(tmp_path / "third")
    built = read_built(third, KEY)
    assert built == other if kind != "packs" else built is not None
    assert read_packs(third, [PACK]) == [ENTRIES]


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_no_bytes_of_the_remote_store_change_what_is_read(
    shared: SharedStore, tmp_path: Path, data: st.DataObject
) -> None:
    """Whoever writes it without the key: each entry is as it was made, or absent."""
    for name in ("filler", "reader"):
        shutil.rmtree(tmp_path / name, ignore_errors=True)
    for key in shared.objects:
        shared.s3.delete_object(Bucket="wheels", Key=key)
    built = fill(shared, tmp_path)
    genuine = shared.objects
    for key, content in genuine.items():
        start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(content))] * 2)))
        changed = content[:start] + data.draw(st.binary(max_size=100)) + content[end:]
        shared.put(key, data.draw(st.sampled_from([*genuine.values(), changed]) | st.binary()))
    for key in data.draw(st.sets(st.sampled_from(sorted(genuine)))):
        shared.s3.delete_object(Bucket="wheels", Key=key)
    store = shared.machine(tmp_path / "reader", wheels=True)
    assert read_built(store, KEY) in (built, None)
    assert read_built(store, ABSENT) is None
    assert store.read_note("native", NATIVE) in ({"filename": "demo.whl"}, None)
    assert read_packs(store, [PACK, ABSENT]) in ([ENTRIES, None], [None, None])
    [is_here] = bring_files(store, [(built.sha256, ".whl")])
    assert not is_here or store.path(built.sha256).read_bytes() == make_wheel(tmp_path).read_bytes()
    assert all(key.startswith(f"{PREFIX}/v1/") for key in genuine)
