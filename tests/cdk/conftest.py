from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest

from tests.support.files.projects import make_project

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a locked project; tests that change it make their own."""
    return make_project(tmp_path_factory.mktemp("shop"))


@pytest.fixture
def app(tmp_path: Path) -> cdk.App:
    return cdk.App(outdir=str(tmp_path / "cdk.out"))


@pytest.fixture
def stack(app: cdk.App) -> cdk.Stack:
    return cdk.Stack(app, "Shop")
