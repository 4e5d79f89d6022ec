from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.handler import response
from tests.support.aws.events import Stack
from tests.support.aws.response_url import ResponseUrl, open_response_url
from tests.support.aws.world import World, open_world
from tests.support.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with open_world(monkeypatch) as opened:
        yield opened


@pytest.fixture
def response_url(monkeypatch: pytest.MonkeyPatch) -> Iterator[ResponseUrl]:
    # The server on loopback has no certificate.
    monkeypatch.setattr(response, "_schemes", lambda: ("http://",))
    monkeypatch.setattr(response, "_TIMEOUT", PATIENCE)  # a second try would be a second answer
    with open_response_url() as opened:
        yield opened


@pytest.fixture
def stack(world: World, response_url: ResponseUrl, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """Replace the handler's clients by those of the world; everything else is real."""
    monkeypatch.setattr("constructs_lib.handler.dispatch.make_services", world.make_services)
    return Stack(world, response_url)
