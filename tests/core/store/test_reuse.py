"""What did not change since the last build is not compressed again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.archive.entry import STORED
from constructs_lib.core.archive.tree_entries import tree_entries
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.store.packs import read_pack, write_pack
from constructs_lib.core.store.reuse import Reuse
from constructs_lib.core.store.wheel_store import WheelStore

if TYPE_CHECKING:
    from constructs_lib.core.archive.entry import Compression, Entry

FILES = {"a/one.py": b"x = 1\n" * 90, "a/two.py": b"y = 2\n" * 90, "b/one.py": b"x = 1\n" * 90, "c.py": b""}
OWNERS = {Path("a/one.py"): "a==1.0", Path("a/two.py"): "a==1.0"}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    for name, content in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def build(tree: Path, store: WheelStore, compression: Compression = "standard") -> list[Entry]:
    files = sorted(path.relative_to(tree) for path in tree.rglob("*") if path.is_file())
    return tree_entries(tree, files, "python/", reuse=Reuse(store, OWNERS, compression))


def packs(store: WheelStore) -> set[Path]:
    return set(store.root.rglob("*.pack"))


def contents(entries: list[Entry]) -> dict[str, bytes]:
    return {entry.name.removeprefix("python/"): bytes(entry.content()) for entry in entries}


def data(entries: list[Entry]) -> list[bytes]:
    return [bytes(entry.data) for entry in entries]


def test_the_entries_are_those_of_a_build_without_a_store(tree: Path, store: WheelStore) -> None:
    """The first time and afterwards; there is a pack for each distribution, and for each top folder of nobody."""
    files = sorted(map(Path, FILES))
    plain = tree_entries(tree, files, "python/")
    for _ in range(2):
        again = build(tree, store)
        assert again == plain
        assert data(again) == data(plain)
        assert len(packs(store)) == 3


def test_what_did_not_change_is_read_back(tree: Path, store: WheelStore) -> None:
    """Shown by packs that hold the same content uncompressed. A mode counts where the file is, not in a pack."""
    build(tree, store)
    for path in packs(store):
        pack = read_pack(store, path.stem) or {}
        plain = {label: each._replace(method=STORED, data=each.content()) for label, each in pack.items()}
        write_pack(store, path.stem, plain)
    (tree / "b/one.py").write_bytes(b"#" * 540)
    (tree / "c.py").chmod(0o755)
    found = {entry.name.removeprefix("python/"): len(entry.data) for entry in build(tree, store)}
    assert found.pop("b/one.py") < 100
    assert found == {"a/one.py": 540, "a/two.py": 540, "c.py": 0}


def test_a_change_of_the_same_size_is_seen(tree: Path, store: WheelStore) -> None:
    """The content decides; put back, the first bytes come again."""
    first = build(tree, store)
    (tree / "a/one.py").write_bytes(b"x = 7\n" * 90)
    assert contents(build(tree, store)) == FILES | {"a/one.py": b"x = 7\n" * 90}
    (tree / "a/one.py").write_bytes(FILES["a/one.py"])
    assert data(build(tree, store)) == data(first)


def test_only_the_changed_distribution_is_written_anew(tree: Path, store: WheelStore) -> None:
    build(tree, store)
    before = packs(store)
    times = {path: path.stat().st_mtime_ns for path in before}
    (tree / "a/one.py").write_bytes(b"longer than before\n" * 90)
    build(tree, store)
    assert len(packs(store) - before) == 1
    assert {path: path.stat().st_mtime_ns for path in before} == times


def test_a_damaged_pack_is_made_again(tree: Path, store: WheelStore) -> None:
    first = build(tree, store)
    for path in packs(store):
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert data(build(tree, store)) == data(first)
    assert all(read_pack(store, path.stem) is not None for path in packs(store))


def test_a_store_that_cannot_be_written_changes_nothing(tree: Path, store: WheelStore) -> None:
    (tree.parent / "file").touch()
    assert data(build(tree, WheelStore(tree.parent / "file"))) == data(build(tree, store))


def test_the_smallest_have_packs_of_their_own(tree: Path, store: WheelStore) -> None:
    """One build does not get what the other kept; a word that is no compression is refused."""
    (tree / "a/two.py").write_bytes(b"".join(b"%d = %d\n" % (n * n, n) for n in range(3000)))
    standard = build(tree, store)
    smallest = build(tree, store, "smallest")
    assert contents(smallest) == contents(standard)
    assert sum(map(len, data(smallest))) < sum(map(len, data(standard)))
    assert data(build(tree, store)) == data(standard)
    with pytest.raises(ProjectError, match="compression is 'small', it must be standard or smallest"):
        build(tree, store, "small")  # type: ignore[arg-type]
