from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.store.wheel_store import WheelStore
from tests.support.aws.shared_store import SharedStore, open_shared_store
from tests.support.aws.world import World, open_world
from tests.support.builders.hosts import OTHER, hide_interpreters, interpreters
from tests.support.index.simple_index import Index, running_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> WheelStore:
    """Return an empty store of the test's own."""
    return WheelStore(tmp_path / "store")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with open_world(monkeypatch) as opened:
        yield opened


@pytest.fixture
def shared() -> Iterator[SharedStore]:
    """Yield an empty bucket that machines share as their remote store."""
    with open_shared_store() as opened:
        yield opened


@pytest.fixture
def index() -> Iterator[Index]:
    with running_index() as running:
        yield running


@pytest.fixture(scope="session")
def other() -> Path:
    """Find a Python of another version before any test hides it."""
    found = interpreters()
    assert OTHER in found, f"the tests need a Python {OTHER}"
    return found[OTHER]


@pytest.fixture
def only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Hide every Python but the running one; return the only folder on PATH."""
    return hide_interpreters(tmp_path, monkeypatch)
