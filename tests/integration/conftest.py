"""What the integration tests share: an embedded AWS."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from constructs_lib.core.system import process
from tests.support.forked_poetry import poetry_program
from tests.support.patience import PATIENCE
from tools.embedded_aws import EmbeddedAws, embedded_aws

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module", autouse=True)
def _poetry_starts_at_once() -> Iterator[None]:
    """Let the library find a Poetry that is imported already: half of a short command's time."""
    find_tool = process.find_tool

    def find(name: str) -> str:
        return str(poetry_program()) if name == "poetry" else find_tool(name)

    with pytest.MonkeyPatch.context() as patch:
        if sys.platform == "linux":
            patch.setattr(process, "find_tool", find)
        yield


@pytest.fixture(scope="session")
def _aws_of_all_files() -> Iterator[EmbeddedAws]:
    """One for each process of the tests: starting it takes a second."""
    with embedded_aws() as running:
        yield running


@pytest.fixture(scope="module")
def aws(_aws_of_all_files: EmbeddedAws) -> Iterator[EmbeddedAws]:
    """Yield an embedded AWS in which there is nothing when a test module begins."""
    yield _aws_of_all_files
    reset = Request(f"{_aws_of_all_files.endpoint_url}/_ministack/reset", method="POST")  # noqa: S310
    build_opener(ProxyHandler({})).open(reset, timeout=PATIENCE).close()
