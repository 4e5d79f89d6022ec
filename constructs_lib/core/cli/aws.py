"""The AWS clients of a command."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from constructs_lib.core.errors import PublishError, ToolError

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class Clients:
    """Made of what the AWS SDK finds: environment, configuration files, a role."""

    profile: str | None
    region: str | None

    @cached_property
    def s3(self) -> S3Client:
        return self._session.client("s3")

    @cached_property
    def lambda_(self) -> LambdaClient:
        return self._session.client("lambda")

    @cached_property
    def _session(self) -> boto3.Session:
        """Checked before anything is built: a build for an account that nobody can reach is of no use."""
        try:
            import boto3
            from botocore.exceptions import BotoCoreError
        except ModuleNotFoundError:
            msg = "this command talks to AWS and needs boto3: pip install 'constructs-lib[cli]'"
            raise ToolError(msg) from None
        try:
            session = boto3.Session(profile_name=self.profile, region_name=self.region)
            credentials = session.get_credentials()
        except BotoCoreError as error:
            raise PublishError(f"AWS: {error}") from None
        if session.region_name is None:
            raise PublishError("AWS: no region: give --region or set AWS_REGION")
        if credentials is None:
            raise PublishError(
                "AWS: no credentials: give --profile, set AWS_PROFILE, or log in (aws sso login, aws configure)"
            )
        return session
