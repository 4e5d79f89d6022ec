"""The AWS clients of the function, each made when the first call needs it and kept for later events.

botocore is used without boto3, which would import its transfer manager and resources for nothing.
"""

from __future__ import annotations

import threading
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast

from constructs_lib.core.publish.aws.services import AwsServices, Clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.session import Session
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client

THREADS = 4
"""Calls on their way at a time. Lambda's API answers about 15 calls a second for a whole account."""

_ATTEMPTS = 5
_CONNECT_TIMEOUT, _READ_TIMEOUT = 5, 60

_lock = threading.Lock()


class LazyClient:
    """Stands for a client until its first call: most events need one of the three, some none."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - boto's clients are made at run time
        return getattr(self._make(), name)


def make_services(region: str, clock: Clock, on_published: Callable[[str], None]) -> AwsServices:
    """Make the clients: the SDK repeats every call but PublishLayerVersion, which is not idempotent."""
    return AwsServices(
        s3=cast("S3Client", LazyClient(partial(_client, "s3", region, _ATTEMPTS))),
        lambda_=cast("LambdaClient", LazyClient(partial(_client, "lambda", region, _ATTEMPTS))),
        publisher=cast("LambdaClient", LazyClient(partial(_client, "lambda", region, 1))),
        clock=clock,
        on_published=on_published,
        cloudformation=partial(_client, "cloudformation", region, _ATTEMPTS),
        threads=THREADS,
    )


def _client(service: str, region: str, attempts: int) -> Any:  # noqa: ANN401 - as above
    # Clients are safe for threads, the session that makes them is not.
    with _lock:
        return _kept_client(service, region, attempts)


@cache
def _kept_client(service: str, region: str, attempts: int) -> Any:  # noqa: ANN401 - as above
    # Half of a cold start, and an event that keeps what is there needs no client.
    from botocore.config import Config

    retries: Any = {"mode": "standard", "total_max_attempts": attempts}
    config = Config(connect_timeout=_CONNECT_TIMEOUT, read_timeout=_READ_TIMEOUT, retries=retries)
    create: Any = _session().create_client
    return create(service, region_name=region, config=config)


@cache
def _session() -> Session:
    from botocore.session import get_session

    return get_session()
