"""S3 clients, as they are or behind a session manager."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3

from constructs_lib.core.compat.session import s3_client_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass
class Session:
    """What boto_session_manager's `BotoSesManager` offers."""

    s3_client: S3Client


def test_a_client_stays_and_a_session_manager_gives_its_own() -> None:
    client = boto3.client("s3", region_name="eu-west-1")
    assert s3_client_of(client) is client
    assert s3_client_of(Session(client)) is client
