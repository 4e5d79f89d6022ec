"""The AWS clients of the function."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from constructs_lib.core.publish.aws.services import Clock
from constructs_lib.handler import sdk_clients
from constructs_lib.handler.sdk_clients import make_services
from tests.support.aws.shared_clients import REGION

if TYPE_CHECKING:
    import pytest

    from tests.support.aws.world import World


def test_publish_is_sent_once_and_other_calls_are_retried(world: World) -> None:
    """Step 7: botocore would publish twice after a read time-out; connect 5 s, read 60 s."""
    services = make_services(REGION, world.services.clock, print)
    assert services.publisher is not services.lambda_
    for client in (services.s3, services.lambda_, services.publisher):
        config: Any = client.meta.config
        assert config.retries["mode"] == "standard"
        assert (config.connect_timeout, config.read_timeout) == (5, 60)
        assert client.meta.region_name == REGION
        assert config.retries["total_max_attempts"] == (1 if client is services.publisher else 5)


def test_a_client_is_made_by_its_first_call_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A source needs no client of Lambda, and the second event of a process none that is new."""
    made: list[tuple[str, int]] = []

    def create(service: str, _region: str, attempts: int) -> SimpleNamespace:
        made.append((service, attempts))
        return SimpleNamespace(meta=len(made))

    monkeypatch.setattr(sdk_clients, "_kept_client", cache(create))
    for _ in range(2):
        s3: Any = make_services(REGION, Clock(), print).s3
        assert (s3.meta, s3.meta) == (1, 1)
    assert made == [("s3", 5)]
    publisher: Any = make_services(REGION, Clock(), print).publisher
    assert publisher.meta == 2
    assert made == [("s3", 5), ("lambda", 1)]


def test_an_event_without_calls_needs_no_sdk() -> None:
    """Half of a cold start: whatever imports it too early is noticed."""
    code = (
        "import sys, constructs_lib.handler.dispatch\n"
        "assert not {'boto3', 'botocore', 's3transfer', 'concurrent.futures.thread'} & set(sys.modules), sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
