"""The AWS clients of a command."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from constructs_lib.core.errors import PublishError, ToolError
from constructs_lib.core.log import trace

if TYPE_CHECKING:
    from collections.abc import Iterator

    import boto3
    from botocore.awsrequest import AWSResponse
    from botocore.model import OperationModel
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client

    from constructs_lib.core.publish.aws.services import CloudFormationClient


@dataclass(frozen=True)
class Clients:
    """The clients, with the AWS SDK's own configuration: environment, files, a role."""

    profile: str | None
    region: str | None

    @cached_property
    def s3(self) -> S3Client:
        session = self._session
        with _one_line():
            return session.client("s3")

    @cached_property
    def lambda_(self) -> LambdaClient:
        session = self._session
        with _one_line():
            return session.client("lambda")

    @cached_property
    def cloudformation(self) -> CloudFormationClient:
        session = self._session
        with _one_line():
            client: CloudFormationClient = session.client("cloudformation")
            return client

    @cached_property
    def _session(self) -> boto3.Session:
        """The session, checked before anything is built: without credentials a build is wasted."""
        try:
            import boto3
        except ModuleNotFoundError:
            from constructs_lib.core.extras import install_command

            raise ToolError(
                "boto3-missing",
                f"this command talks to AWS and needs boto3, which is not installed: {install_command('aws')}",
            ) from None
        # boto3 itself reads AWS_DEFAULT_REGION only, unlike the AWS CLI and the other SDKs.
        region = self.region or os.environ.get("AWS_REGION") or None
        with _one_line():
            session = boto3.Session(profile_name=self.profile, region_name=region)
            credentials = session.get_credentials()
        if session.region_name is None:
            raise PublishError("aws-configuration", "AWS: no region: give --region or set AWS_REGION")
        if credentials is None:
            raise PublishError(
                "aws-configuration",
                "AWS: no credentials: give --profile, set AWS_PROFILE, or log in (aws sso login, aws configure)",
            )
        trace("AWS: region %s, credentials from %s", session.region_name, credentials.method)
        session.events.register("after-call", _trace_call)
        return session


def _trace_call(http_response: AWSResponse, model: OperationModel, **_: object) -> None:
    """Log a call of the SDK, without its arguments."""
    service, request = model.service_model.service_name, http_response.headers.get("x-amzn-requestid", "")
    request = request or http_response.headers.get("x-amz-request-id", "without one")
    trace("AWS: %s %s: HTTP %d, request id %s", service, model.name, http_response.status_code, request)


@contextmanager
def _one_line() -> Iterator[None]:
    """Turn the SDK's error about a profile, region, endpoint or setting into a PublishError of one line."""
    from botocore.exceptions import BotoCoreError

    try:
        yield
    except (BotoCoreError, ValueError) as error:
        text = " ".join(str(error).split()).rstrip(".")
        raise PublishError(
            "aws-configuration", f"AWS: {text}: look at --profile, --region and the AWS_… variables"
        ) from None
