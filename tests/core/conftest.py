from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.wheels import WheelStore
from tests.support.index import Index, running_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> WheelStore:
    """An empty store of the test's own."""
    return WheelStore(tmp_path / "store")


@pytest.fixture
def index() -> Iterator[Index]:
    with running_index() as running:
        yield running
