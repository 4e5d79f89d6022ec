"""What others wrote into a wheel store, a restored cache for instance, cannot change a layer."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.archive.entry import compress
from constructs_lib.core.errors import ArtifactError
from constructs_lib.core.store.packs import read_pack, write_pack
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.target import Target
from tests.support.builders.hosts import OWN
from tests.support.builders.uv import Shop
from tests.support.files.wheels import wheel_bytes
from tests.support.index.simple_index import running_index
from tests.support.nobody import as_nobody, public_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from constructs_lib.core.layer.artifact import LayerArtifact

pytestmark = pytest.mark.integration

MINE, OTHERS = "the key of this machine", "the key of somebody else"
EVIL = b"# evil\n"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Make a project with a wheel of the index and a path dependency, which is built here."""
    with running_index() as index:
        shop = Shop(tmp_path, index, WheelStore(tmp_path / "store"), Target(OWN))
        shop.serve("aa", files={"aa/__init__.py": b"value = 1\n" * 500})
        near = tmp_path / "near"
        (near / "near").mkdir(parents=True)
        (near / "near/__init__.py").write_text("value = 2\n" * 500)
        (near / "pyproject.toml").write_text(
            '[project]\nname = "near"\nversion = "1"\ndescription = "Near."\n[build-system]\n'
            'requires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n'
        )
        shop.settings = f'[tool.uv.sources]\nnear = {{ path = "{near}" }}\n'
        yield shop.locked("aa", "near")


def build(shop: Shop) -> LayerArtifact:
    return shop.build(compile_bytecode=True, compression="smallest")


def forge(store: WheelStore, evil: Path) -> set[str]:
    """Change every note and pack, with the key that is set; return the kinds of what was changed."""
    sha256 = store.add(evil)
    kinds = set()
    for path in list((store.root / "v1").rglob("*")):
        kind, key = path.relative_to(store.root / "v1").parts[0], path.stem
        if path.suffix == ".json":
            note = store.read_note(kind, key)
            assert note is not None
            store.write_note(kind, key, note | {"sha256": sha256, "unzipped": 10**9})
            kinds.add(kind)
        elif path.suffix == ".pack":
            entries = read_pack(store, key)
            assert entries is not None
            forged = {label: compress(entry.name, EVIL, entry.origin) for label, entry in entries.items()}
            write_pack(store, key, forged)
            kinds.add(kind)
    return kinds


def test_what_others_derived_changes_nothing(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Notes and packs of another key are made anew; with that key the forgery would be in the layer."""
    monkeypatch.setenv("CONSTRUCTS_LIB_STORE_KEY", OTHERS)
    genuine = build(shop).archive.sha256
    evil = tmp_path / "near-1-py3-none-any.whl"
    evil.write_bytes(wheel_bytes("near", "1", {"near/__init__.py": EVIL}))
    assert forge(shop.store, evil) >= {"built", "packs", "facts"}
    shutil.copytree(shop.store.root, tmp_path / "copy")
    with pytest.raises(ArtifactError, match="the layer has 1000"):  # what the forged facts claim
        build(shop)
    shutil.rmtree(shop.store.root)
    (tmp_path / "copy").rename(shop.store.root)
    monkeypatch.setenv("CONSTRUCTS_LIB_STORE_KEY", MINE)
    for _ in range(2):
        layer = build(shop)
        assert layer.archive.sha256 == genuine
        assert layer.warnings == ()


def test_a_store_of_another_user_is_read_and_not_called_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the usual umask its files can be read, and nothing is fetched again; nothing needs to be written."""
    with public_folder() as folder, running_index() as index:
        shop = Shop(folder, index, WheelStore(folder / "store"), Target(OWN))
        shop.serve("aa")
        genuine = shop.locked("aa").build().archive.sha256
        (folder / "out").chmod(0o777)
        (folder / "uv").mkdir()
        (folder / "uv").chmod(0o777)
        monkeypatch.setenv("UV_CACHE_DIR", str(folder / "uv"))
        index.asked.clear()
        with as_nobody():
            assert shop.build().archive.sha256 == genuine
        assert not index.asked
