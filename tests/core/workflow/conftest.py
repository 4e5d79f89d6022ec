from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.aws import World, open_world

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with open_world(monkeypatch) as opened:
        yield opened
