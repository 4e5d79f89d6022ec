"""The clients of a command, before anything is sent."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest
from moto import mock_aws

from constructs_lib.cli.aws import Clients
from constructs_lib.core.errors import PublishError
from constructs_lib.core.log import TRACE

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Credentials, a region, and nothing else of this machine's configuration."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")


@pytest.mark.parametrize("service", ["s3", "lambda_"])
@pytest.mark.parametrize(
    ("profile", "region", "environment", "told"),
    [
        ("nobody", None, {}, r"profile \(nobody\)"),
        (None, "eu west", {}, "region_name 'eu west'"),
        (None, None, {"AWS_ENDPOINT_URL": "nowhere"}, "Invalid endpoint: nowhere"),
        (None, None, {"AWS_MAX_ATTEMPTS": "many"}, "'many'"),
    ],
    ids=["profile", "region", "endpoint", "number"],
)
def test_what_the_sdk_cannot_use_is_one_line(
    service: str,
    profile: str | None,
    region: str | None,
    environment: dict[str, str],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the value, and where such values come from."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(PublishError, match=rf"^AWS: [^\n]*{told}[^\n]*: look at --profile, --region"):
        getattr(Clients(profile, region), service)


def test_the_region_is_found_as_the_aws_cli_finds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--region`, then AWS_REGION, which boto3 does not read by itself, then AWS_DEFAULT_REGION."""
    assert Clients(None, None).lambda_.meta.region_name == "eu-west-1"
    monkeypatch.setenv("AWS_REGION", "eu-west-2")
    assert Clients(None, None).lambda_.meta.region_name == "eu-west-2"
    assert Clients(None, "eu-west-3").s3.meta.region_name == "eu-west-3"


@mock_aws
def test_a_trace_of_each_call(caplog: pytest.LogCaptureFixture) -> None:
    """The region, the origin of the credentials and the request's id, which AWS support asks for; no value."""
    caplog.set_level(TRACE, "constructs_lib")
    Clients(None, None).s3.list_buckets()
    first, call = caplog.messages
    assert first == "AWS: region eu-west-1, credentials from env"
    assert re.fullmatch("AWS: s3 ListBuckets: HTTP 200, request id [0-9A-Za-z]+", call)
    assert "testing" not in caplog.text
