"""A source zip laid out in S3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.deploy.upload import put_source_zip
from constructs_lib.core.publish.aws_errors import AwsError, aws_call
from constructs_lib.core.publish.layout import SourceS3Layout

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

    from constructs_lib.core.publish.layout import HasUri, S3Location


@dataclass(frozen=True)
class BuildAndUploadSourceResult:
    """A source zip in S3."""

    source_sha256: str
    s3path_source_zip: S3Location
    source_version: str = ""
    is_new: bool = True
    """Whether it was uploaded, or lay there already."""


def lay_out(
    s3_client: S3Client,
    version: str,
    sha256: str,
    path: Path,
    s3dir_source: str | HasUri,
    log: Callable[[str], object],
) -> BuildAndUploadSourceResult:
    """Upload the zip unless it lies in its place, where nobody may delete it."""
    location = SourceS3Layout(s3dir_source).get_s3path_source_zip(version, sha256)
    is_new = not _lies_there(s3_client, location, sha256)
    if is_new:
        put_source_zip(s3_client, version, sha256, path, s3dir_source)
        log(f"Uploaded {location.uri}")
    else:
        log(f"unchanged: {location.uri}")
    return BuildAndUploadSourceResult(sha256, location, version, is_new)


def _lies_there(s3_client: S3Client, location: S3Location, sha256: str) -> bool:
    try:
        with aws_call("s3:GetObject", location.uri):
            found = s3_client.head_object(Bucket=location.bucket, Key=location.key)["Metadata"]
    except AwsError as error:
        if error.status == 0:
            raise
        return False  # or may not be looked at: uploading the same bytes once more does no harm
    # One that a stack may delete is written anew, and is nobody's then.
    return found.get("source_sha256") == sha256 and found.get("removal_policy", "retain") == "retain"
