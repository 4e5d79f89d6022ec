"""A script's own Lambda client: PublishLayerVersion is sent once, all else as its owner wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError

from constructs_lib.core.deploy.clients import sent_once
from tests.support.aws.faults import lose_request, refuse
from tests.support.aws.shared_clients import SESSION

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from mypy_boto3_lambda import LambdaClient

    from tests.support.aws.faults import Step

Mode = Literal["legacy", "standard", "adaptive"]
MODES: list[Mode] = ["legacy", "standard", "adaptive"]


def client_of(mode: Mode, step: Step, sent: list[str]) -> LambdaClient:
    """Make a client that retries and whose requests go through `step` in place of the network."""
    client = SESSION.client("lambda", config=Config(retries={"mode": mode, "total_max_attempts": 3}))

    def answer(event_name: str, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        sent.append(event_name.rpartition(".")[2])
        return step(request, lambda _: pytest.fail("no network"))

    events: Any = client.meta.events
    events.register("before-send", answer)
    return client


def publish(client: LambdaClient) -> None:
    client.publish_layer_version(LayerName="deps", Content={"S3Bucket": "bucket", "S3Key": "key"})


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("step", "error"),
    [
        (lose_request, ReadTimeoutError),
        (refuse(500, "ServiceException"), ClientError),
        (refuse(429, "TooManyRequestsException"), ClientError),
    ],
    ids=["timeout", "500", "429"],
)
def test_publishing_is_sent_once_whatever_the_retry_mode(
    mode: Mode, step: Step, error: type[Exception]
) -> None:
    """Sent again after a time-out it would make a second version; after the block the client is as before."""
    sent: list[str] = []
    client = client_of(mode, step, sent)
    with sent_once(client), pytest.raises(error):
        publish(client)
    assert sent == ["PublishLayerVersion"]
    with pytest.raises(error):
        publish(client)
    assert len(sent) == 1 + 3


def test_blocks_may_overlap() -> None:
    """Two threads with one client: the end of the first must not let the second's call be sent again."""
    sent: list[str] = []
    client = client_of("standard", lose_request, sent)
    with sent_once(client):
        with sent_once(client):
            pass
        with pytest.raises(ReadTimeoutError):
            publish(client)
    assert len(sent) == 1


def test_other_calls_are_repeated_as_before() -> None:
    sent: list[str] = []
    client = client_of("standard", lose_request, sent)
    with sent_once(client), pytest.raises(ReadTimeoutError):
        client.list_layer_versions(LayerName="deps")
    assert sent == ["ListLayerVersions"] * 3
