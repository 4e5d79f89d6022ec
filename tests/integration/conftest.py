"""What the integration tests share: an embedded AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools.embedded_aws import EmbeddedAws, embedded_aws

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    """One embedded AWS for each test module: starting it takes a quarter of a second."""
    with embedded_aws() as running:
        yield running
