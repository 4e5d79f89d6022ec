"""What decides whether a layer is another one, with one lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.lock.locked import LockOptions
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.target import Target
from tests.support.builders.uv import Shop
from tests.support.index.simple_index import running_index

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration


def test_target_and_extras_count_with_the_same_lock(tmp_path: Path) -> None:
    """CPU, Python, extras and ignored packages each give another fingerprint; back again, the first one."""
    with running_index() as index:
        shop = Shop(tmp_path, index, WheelStore(tmp_path / "store"))
        for name in ("aa", "bb", "cc"):
            shop.serve(name)
        shop.write(["aa", "cc"])
        manifest = shop.project / "pyproject.toml"
        manifest.write_text(manifest.read_text() + '\n[project.optional-dependencies]\nmore = ["bb"]\n')
        shop.lock()
        lock = (shop.project / "uv.lock").read_bytes()
        first = shop.build().fingerprint
        seen = {
            first,
            shop.build(lock=LockOptions(extras=("more",))).fingerprint,
            shop.build(ignore_package_list=["cc"]).fingerprint,
        }
        for target in (Target("3.12", "arm64"), Target("3.13"), Target("3.13", "arm64")):
            shop.target = target
            seen.add(shop.build().fingerprint)
        shop.target = Target("3.12")
        assert len(seen) == 6
        assert shop.build().fingerprint == first
        assert (shop.project / "uv.lock").read_bytes() == lock
