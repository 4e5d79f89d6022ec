"""The layout of a source zip in S3 without CDK."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.deploy.upload import put_source_zip
from constructs_lib.core.log import log
from constructs_lib.core.publish.aws.aws_errors import AwsError, aws_call
from constructs_lib.core.publish.layers.layer_spec import hexadecimal
from constructs_lib.core.publish.layout import SourceS3Layout
from constructs_lib.core.publish.source import SourceRecord

if TYPE_CHECKING:
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
    """The zip was uploaded now; False where it was there already."""


def lay_out(
    s3_client: S3Client, version: str, sha256: str, path: Path, s3dir_source: str | HasUri
) -> BuildAndUploadSourceResult:
    """Upload the zip unless it is in its place, safe from deletion."""
    location = SourceS3Layout(s3dir_source).get_s3path_source_zip(version, sha256)
    is_new = not is_laid_out(s3_client, location, sha256)
    if is_new:
        put_source_zip(s3_client, version, sha256, path, s3dir_source)
        log.info("uploaded %s", location.uri)
    else:
        log.info("unchanged: %s", location.uri)
    return BuildAndUploadSourceResult(sha256, location, version, is_new)


def is_laid_out(s3_client: S3Client, location: S3Location, sha256: str) -> bool:
    """Return whether the zip with this sha256 is in its place, safe from deletion."""
    try:
        with aws_call("s3:GetObject", location.uri):
            head = s3_client.head_object(**location.params, ChecksumMode="ENABLED")
    except AwsError as error:
        if error.status == 0:
            raise
        # Missing, or not to be read: uploading the same bytes once more does no harm.
        return False
    # The key names the bytes, so what lies there is compared with it. An object that a stack may delete is written
    # again, without an owner.
    is_right = hexadecimal(head.get("ChecksumSHA256", "").partition("-")[0]) == sha256
    return is_right and not SourceRecord.from_metadata(head["Metadata"]).is_destroyable
