"""The remote store: what it is set by, what it takes and gives."""

from __future__ import annotations

import hashlib
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.core.errors import StoreError
from constructs_lib.core.store import remote_connection
from constructs_lib.core.store.remote_entry import RemoteEntry
from constructs_lib.core.store.remote_store import RemoteStore
from constructs_lib.core.store.wheel_store import WheelStore
from tests.support.aws.shared_store import PREFIX, SharedStore
from tests.support.library_log import logged_lines

CONTENT = b"a wheel"
FILE = RemoteEntry.of_file(hashlib.sha256(CONTENT).hexdigest(), ".whl")
GUIDE = Path(__file__).resolve().parents[3] / "docs" / "guides" / "shared-store.md"
KEY_VARIABLE = "CONSTRUCTS_LIB_STORE_KEY"


def remote(store: WheelStore) -> RemoteStore:
    assert store.remote is not None
    return store.remote


def received(store: WheelStore, entry: RemoteEntry = FILE) -> bytes | None:
    with store.writing() as file:
        is_there = remote(store).receive(entry, file)
        file.flush()
        return Path(file.name).read_bytes() if is_there else None


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "wheel"
    path.write_bytes(CONTENT)
    return path


# --- how it is set ---------------------------------------------------------------------------------------


def test_the_default_store_has_the_remote_one_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """None where nothing is set; it is read-only, and for what was derived, unless more is asked."""
    monkeypatch.setenv("CONSTRUCTS_LIB_REMOTE_STORE", "")
    assert WheelStore.default().remote is None
    monkeypatch.setenv("CONSTRUCTS_LIB_REMOTE_STORE", "s3://bucket/team/store/")
    assert WheelStore.default().remote == RemoteStore("bucket", "team/store")
    assert remote(WheelStore.default()).address == "s3://bucket/team/store"
    monkeypatch.setenv("CONSTRUCTS_LIB_REMOTE_STORE", "s3://bucket")
    monkeypatch.setenv("CONSTRUCTS_LIB_REMOTE_STORE_WRITE", "1")
    monkeypatch.setenv("CONSTRUCTS_LIB_REMOTE_STORE_WHEELS", "1")
    assert WheelStore.default().remote == RemoteStore("bucket", "", writes=True, wheels=True)
    assert remote(WheelStore.default()).address == "s3://bucket"


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("", "bucket/prefix", r"CONSTRUCTS_LIB_REMOTE_STORE is 'bucket/prefix': write s3://bucket/prefix"),
        ("", "s3://", r"CONSTRUCTS_LIB_REMOTE_STORE is 's3://': write s3://bucket/prefix"),
        ("", "s3://bucket/a//b", r"is 's3://bucket/a//b': the prefix has a part that is empty"),
        ("", "s3://bucket/a*", r"the prefix has '\*'"),
        ("", "s3://buc ket/a", r"is 's3://buc ket/a': the bucket has ' ', which no bucket's name has"),
        ("_WRITE", "yes", r"CONSTRUCTS_LIB_REMOTE_STORE_WRITE is 'yes': write 1, or leave it out"),
        ("_WHEELS", "true", r"CONSTRUCTS_LIB_REMOTE_STORE_WHEELS is 'true': write 1, or leave it out"),
    ],
)
def test_a_value_that_is_none_is_one_line(
    name: str, value: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the variable, its value and what to write."""
    monkeypatch.setenv("CONSTRUCTS_LIB_REMOTE_STORE", "s3://bucket/prefix")
    monkeypatch.setenv(f"CONSTRUCTS_LIB_REMOTE_STORE{name}", value)
    with pytest.raises(StoreError, match=line):
        WheelStore.default()


@pytest.mark.parametrize(
    "address",
    [
        "s3://AKIA:hidden-word@bucket/prefix",
        "s3://bucket?token=hidden-word",
        "s3://bucket/prefix?token=hidden-word",
        "https://bucket.s3.example/prefix?X-Amz-Signature=hidden-word",
    ],
)
def test_a_secret_in_the_address_is_refused_and_not_shown(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error is in a log of CI; an SDK that met such a bucket would quote it in full."""
    monkeypatch.setenv("CONSTRUCTS_LIB_REMOTE_STORE", address)
    with pytest.raises(StoreError, match=r"CONSTRUCTS_LIB_REMOTE_STORE is '.*\*\*\*\*") as caught:
        WheelStore.default()
    assert "hidden-word" not in str(caught.value)


def test_without_a_shared_key_there_is_one_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """No seal of another machine could be compared: only files of indexes, which name their content, are left."""
    monkeypatch.delenv(KEY_VARIABLE)
    with logged_lines() as lines:
        for _ in range(2):
            assert RemoteStore.configured("s3://bucket/without-key", {}) is None
        with_wheels = RemoteStore.configured(
            "s3://bucket/without-key-2", {"CONSTRUCTS_LIB_REMOTE_STORE_WHEELS": "1"}
        )
    assert with_wheels == RemoteStore("bucket", "without-key-2", wheels=True, derived=False)
    assert len(lines) == 2
    assert "CONSTRUCTS_LIB_REMOTE_STORE is set and CONSTRUCTS_LIB_STORE_KEY is not" in lines[0]


def test_a_key_that_is_too_short_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, and not swallowed while entries are read."""
    monkeypatch.setenv(KEY_VARIABLE, "short")
    with pytest.raises(StoreError, match="has 5 characters"):
        RemoteStore.configured("s3://bucket/prefix", {})


def test_the_guide_allows_what_is_done_and_cleans_where_it_is_written(
    shared: SharedStore, tmp_path: Path
) -> None:
    """Its policy has the rights of the calls on the objects that there are; its rule has their prefix."""
    policy, rule = (
        json.loads(block) for block in re.findall(r"```json\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    )
    allowed = {row["Action"]: row["Resource"] for row in policy["Statement"] if row["Effect"] == "Allow"}
    assert allowed == {
        "s3:GetObject": "arn:aws:s3:::my-wheels/team/v1/*",
        "s3:PutObject": "arn:aws:s3:::my-wheels/team/v1/*",
        "s3:ListBucket": "arn:aws:s3:::my-wheels",
    }
    store = shared.machine(tmp_path / "one", writes=True)
    assert received(store) is None
    store.write_note("built", FILE.key, {})
    # ListBucket is no call: with it, S3 answers 404 for an absent object.
    assert {f"s3:{name}" for name, _ in shared.calls} == {"s3:GetObject", "s3:PutObject"}
    [key] = shared.objects
    assert key.startswith(f"{PREFIX}/v1/")
    assert [row["Filter"]["Prefix"] for row in rule["Rules"]] == ["team/"]


# --- what it takes and gives -----------------------------------------------------------------------------


def test_what_one_machine_writes_another_receives(shared: SharedStore, tmp_path: Path, path: Path) -> None:
    """Under the prefix, without any metadata."""
    remote(shared.machine(tmp_path / "one", writes=True)).offer(FILE, path)
    assert shared.objects == {f"{PREFIX}/{FILE.name}": CONTENT}
    assert shared.s3.head_object(Bucket="wheels", Key=f"{PREFIX}/{FILE.name}")["Metadata"] == {}
    assert received(shared.machine(tmp_path / "two")) == CONTENT
    assert shared.lines == []


def test_a_service_without_etags_is_read(shared: SharedStore, tmp_path: Path, path: Path) -> None:
    """And an object there that is wrong is one warning, since nothing tells it apart when it is to be replaced."""
    remote(shared.machine(tmp_path / "one", writes=True)).offer(FILE, path)
    events: Any = remote_connection._make_client(remote_connection._load_sdk()).meta.events

    def without_tag(parsed: dict[str, Any], **_: Any) -> None:
        parsed.pop("ETag", None)

    events.register("after-call.s3.GetObject", without_tag)
    try:
        assert received(shared.machine(tmp_path / "two")) == CONTENT
        shared.put(f"{PREFIX}/{FILE.name}", b"forged")
        machine = shared.machine(tmp_path / "three", writes=True)
        assert received(machine) is None
        remote(machine).offer(FILE, path)
    finally:
        events.unregister("after-call.s3.GetObject", without_tag)
    [line] = shared.lines
    assert "is damaged or forged" in line


def test_a_machine_that_may_only_read_writes_nothing(shared: SharedStore, tmp_path: Path, path: Path) -> None:
    """Reading is what the variable alone means."""
    remote(shared.machine(tmp_path / "one")).offer(FILE, path)
    assert shared.calls == []


def test_a_sound_object_is_never_written_over(shared: SharedStore, tmp_path: Path) -> None:
    """Of many writers the first wins, and the others take no harm; a process writes each object once."""
    note = RemoteEntry.of_note("built", FILE.key)
    for name in ("first", "second"):
        writer = shared.machine(tmp_path / name, writes=True)
        writer.write_note("built", FILE.key, {"of": name})
        for _ in range(2):
            remote(writer).offer(note, writer.note("built", FILE.key))
    assert shared.objects == {
        f"{PREFIX}/{note.name}": (
            tmp_path / "first/v1/built" / FILE.key[:2] / f"{FILE.key}.json"
        ).read_bytes()
    }
    # The second one has looked whether that of the first is right.
    assert [name for name, _ in shared.calls if "List" not in name] == ["PutObject", "PutObject", "GetObject"]
    assert shared.lines == []


def test_a_wrong_object_that_was_never_asked_for_is_replaced(
    shared: SharedStore, tmp_path: Path, path: Path
) -> None:
    """A forged note hides the wheel that its build gives again: that may be forged too."""
    key = f"{PREFIX}/{FILE.name}"
    shared.put(key, b"forged")
    remote(shared.machine(tmp_path / "one", writes=True)).offer(FILE, path)
    assert shared.objects == {key: CONTENT}
    assert len(shared.lines) == 1


def test_a_wrong_object_is_absent_and_is_replaced_by_who_may_write(
    shared: SharedStore, tmp_path: Path, path: Path
) -> None:
    """There is one line about it; only the very object that was found wrong is written over."""
    key = f"{PREFIX}/{FILE.name}"
    shared.put(key, b"forged")
    reader = shared.machine(tmp_path / "one")
    assert received(reader) is None
    remote(reader).offer(FILE, path)
    assert shared.objects == {key: b"forged"}
    writer = shared.machine(tmp_path / "two", writes=True)
    assert received(writer) is None
    shared.put(key, b"of another machine, meanwhile")
    remote(writer).offer(FILE, path)
    assert shared.objects == {key: b"of another machine, meanwhile"}
    writer = shared.machine(tmp_path / "three", writes=True)
    assert received(writer) is None
    remote(writer).offer(FILE, path)
    assert shared.objects == {key: CONTENT}
    assert len(shared.lines) == 3
    assert (
        f"the object {key} of the remote store s3://wheels/{PREFIX} is damaged or forged" in shared.lines[0]
    )


def test_a_wrong_object_that_is_gone_meanwhile_is_no_failure(
    shared: SharedStore, tmp_path: Path, path: Path
) -> None:
    """A lifecycle rule may remove it; the next machine writes it."""
    key = f"{PREFIX}/{FILE.name}"
    shared.put(key, b"forged")
    writer = shared.machine(tmp_path / "one", writes=True)
    assert received(writer) is None
    shared.s3.delete_object(Bucket="wheels", Key=key)
    remote(writer).offer(FILE, path)
    assert len(shared.lines) == 1


def test_too_large_an_object_is_wrong(shared: SharedStore, tmp_path: Path) -> None:
    """A note has a megabyte at most; what follows is not received."""
    note = RemoteEntry.of_note("built", FILE.key)
    shared.put(f"{PREFIX}/{note.name}", bytes(5_000_000))
    assert received(shared.machine(tmp_path / "one"), note) is None
    assert "damaged or forged" in shared.lines[0]


def test_an_entry_that_is_of_no_use_is_replaced(shared: SharedStore, tmp_path: Path, path: Path) -> None:
    """For a note whose file is gone; what this process has not received stays."""
    writer = remote(shared.machine(tmp_path / "one", writes=True))
    writer.outdate(FILE)
    writer.offer(FILE, path)
    store = shared.machine(tmp_path / "two", writes=True)
    assert received(store) == CONTENT
    path.write_bytes(b"another")
    remote(store).offer(FILE, path)
    assert shared.objects[f"{PREFIX}/{FILE.name}"] == CONTENT
    remote(store).outdate(FILE)
    remote(store).offer(FILE, path)
    assert shared.objects[f"{PREFIX}/{FILE.name}"] == b"another"


def test_a_file_that_is_gone_is_not_offered(shared: SharedStore, tmp_path: Path) -> None:
    """The wheel store may be cleared at any time."""
    remote(shared.machine(tmp_path / "one", writes=True)).offer(FILE, tmp_path / "gone")
    assert (shared.objects, shared.lines) == ({}, [])


def test_without_a_shared_key_nothing_derived_is_asked_for(shared: SharedStore, tmp_path: Path) -> None:
    """It could not count."""
    store = shared.machine(tmp_path / "one", derived=False, wheels=True, writes=True)
    note = RemoteEntry.of_note("built", FILE.key)
    assert not remote(store).receive(note, io.BytesIO())
    remote(store).offer(note, tmp_path)
    assert shared.calls == []
