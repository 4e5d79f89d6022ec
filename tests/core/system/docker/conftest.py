"""A stand-in for the engine's command line, first on PATH."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.support.builders.fake_docker import FakeDocker

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDocker:
    fake = FakeDocker(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{fake.folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("CDK_DOCKER", raising=False)
    return fake
