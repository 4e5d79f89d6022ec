from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest

from tests.support.files.projects import make_project

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session", autouse=True)
def _node_on_path() -> Iterator[None]:
    """Jsii starts `node` from PATH: the one that the project brings, not the machine's."""
    import sys

    before = os.environ["PATH"]
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{before}"
    yield
    os.environ["PATH"] = before


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
