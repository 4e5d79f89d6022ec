"""Clients of moto's S3 and Lambda, made once for all tests of a process; moto is emptied for each test.

A client takes ten milliseconds to make, moto's `mock_aws` twenty more, and hundreds of tests need four clients each.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Protocol

import boto3
import pytest
from botocore.config import Config
from botocore.retries.quota import RetryQuota
from moto.core.base_backend import BackendDict
from moto.core.models import botocore_stubber
from moto.s3.models import s3_backends

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client

    from constructs_lib.core.publish.aws.services import CloudFormationClient

REGION = "eu-west-1"
ACCOUNT = "123456789012"

# One session for all tests: it reads botocore's large models once.
SESSION = boto3.session.Session("testing", "testing", region_name=REGION)


class Listener(Protocol):
    """Answers the requests of the shared clients while its test runs."""

    def on_request(self, event_name: str, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None: ...

    def on_parameters(self, params: dict[str, Any], event_name: str, **_: Any) -> None: ...


class SharedClients:
    """The clients, whose requests go to `listener`; `plain_s3` goes to moto directly."""

    listener: Listener

    def __init__(self) -> None:
        often = Config(retries={"mode": "standard", "total_max_attempts": 5})
        once = Config(retries={"mode": "standard", "total_max_attempts": 1})
        with pytest.MonkeyPatch.context() as patch:
            # Each retry takes of what a client may retry in all: too little for the faults of all tests together.
            patch.setattr("botocore.retries.quota.RetryQuota", partial(RetryQuota, 1_000_000))
            self.s3: S3Client = SESSION.client("s3", config=often)
            self.lambda_: LambdaClient = SESSION.client("lambda", config=often)
            self.publisher: LambdaClient = SESSION.client("lambda", config=once)
            self.plain_s3: S3Client = SESSION.client("s3")
            self.cloudformation: CloudFormationClient = SESSION.client("cloudformation", config=often)
        clients: tuple[Any, ...] = (self.s3, self.lambda_, self.publisher, self.cloudformation)
        for client in clients:
            events: Any = client.meta.events
            events.unregister("before-send", botocore_stubber)
            events.register("before-send", self._on_request)
            events.register("provide-client-params", self._on_parameters)

    def _on_request(self, **event: Any) -> AWSResponse | None:
        return self.listener.on_request(**event)

    def _on_parameters(self, **event: Any) -> None:
        self.listener.on_parameters(**event)


_shared_clients = cache(SharedClients)


@contextmanager
def moto_clients(buckets: dict[str, bool]) -> Iterator[SharedClients]:
    """Yield the clients of an AWS with nothing but these buckets; the value is whether it keeps old versions."""
    BackendDict.reset()
    for name, versioned in buckets.items():
        backend = s3_backends[ACCOUNT]["aws"]
        backend.create_bucket(name, REGION)
        if versioned:
            backend.put_bucket_versioning(name, "Enabled")
    with pytest.MonkeyPatch.context() as patch:
        # What is needed of moto's `mock_aws`; the rest is for libraries that use `requests`.
        patch.setattr(botocore_stubber, "enabled", True)
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        yield _shared_clients()
