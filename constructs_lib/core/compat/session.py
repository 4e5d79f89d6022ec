"""S3 clients as the earlier tools take them: a boto3 client, or a session manager that has one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias, cast

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    S3Access: TypeAlias = "S3Client | HasS3Client"


class HasS3Client(Protocol):
    """A session manager, for example boto_session_manager's `BotoSesManager`."""

    @property
    def s3_client(self) -> S3Client:
        """The session's S3 client."""
        ...


def s3_client_of(access: S3Access) -> S3Client:
    """Return the boto3 client itself, or that of a session manager."""
    return cast("S3Client", getattr(access, "s3_client", access))
