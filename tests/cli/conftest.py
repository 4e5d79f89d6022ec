from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.cli.aws import Clients
from tests.support.aws.world import World, open_world
from tests.support.files.projects import make_project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a locked project, and a store of the test's own."""
    monkeypatch.setenv("CONSTRUCTS_LIB_STORE", str(tmp_path / "store"))
    return make_project(tmp_path / "shop")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Open an AWS of the test's own, which every command's clients talk to."""
    with open_world(monkeypatch) as opened:
        monkeypatch.setattr(Clients, "s3", opened.services.s3)
        monkeypatch.setattr(Clients, "lambda_", opened.services.lambda_)
        assert opened.services.cloudformation is not None
        monkeypatch.setattr(Clients, "cloudformation", opened.services.cloudformation())
        yield opened
