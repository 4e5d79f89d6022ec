"""`store`: this machine's wheel store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from constructs_lib.cli.app import app
from constructs_lib.core.store.wheel_store import WheelStore
from tests.support.click_runner import CliRunner
from tests.support.files.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WheelStore:
    monkeypatch.setenv("CONSTRUCTS_LIB_STORE", str(tmp_path / "store"))
    store = WheelStore.default()
    store.add(make_wheel(tmp_path))
    return store


def test_it_is_measured_and_emptied(store: WheelStore) -> None:
    size = store.usage().size
    for command in ("size", "clear"):
        document = json.loads(CliRunner().invoke(app, ["store", command, "--json"]).stdout)
        assert document == {"path": str(store.root), "files": 1, "bytes": size}
    assert CliRunner().invoke(app, ["store", "size"]).stdout == f"{store.root}: 0.0 kB in 0 files\n"
    assert "removed 0.0 kB in 0 files" in CliRunner().invoke(app, ["store", "clear"]).stdout
