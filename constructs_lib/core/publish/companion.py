"""Small files beside a published artifact, for readers: its lock file and its SBOM."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from constructs_lib.core.errors import PublishError
from constructs_lib.core.log import log
from constructs_lib.core.publish.aws.aws_errors import AwsError, insist
from constructs_lib.core.publish.aws.s3_objects import (
    ABSENT,
    head_object,
    object_sha256,
    put_object,
    read_asset,
)

if TYPE_CHECKING:
    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layout import S3Location

SBOM_TYPE = "application/vnd.cyclonedx+json; version=1.6"  # as registered with IANA


@dataclass(frozen=True, slots=True)
class Companion:
    """A file that should be beside an artifact."""

    noun: str
    """The file's name in error texts."""
    content: S3Location | bytes
    """The bytes, or the staged file."""
    sha256: str = ""
    """Hexadecimal; "" where a template of an earlier release names none."""
    content_type: str = ""

    @property
    def expected(self) -> str:
        """The sha256 that the file should have; "" where nothing tells."""
        return hashlib.sha256(self.content).hexdigest() if isinstance(self.content, bytes) else self.sha256


def put_companion(
    services: AwsServices, companion: Companion, location: S3Location, *, is_new: bool = False
) -> S3Location | None:
    """Write the file to `location` unless it is there; return its place, None if that failed.

    One with other bytes than the build's is overwritten. Beside an artifact that `is_new` there should be none, so it is
    written without a look first. What the file is about is in use by now, so a failure that
    outlasts a few tries is only logged.
    """
    try:
        insist(services.clock, lambda: _put(services, companion, location, is_new=is_new))
    except PublishError as error:
        log.warning("%s is missing: %s", location.uri, error)
        return None
    return location


def _put(services: AwsServices, companion: Companion, location: S3Location, *, is_new: bool) -> None:
    if not is_new and _is_there(services, companion, location):
        return
    write = partial(
        put_object, services, location, _read(services, companion), content_type=companion.content_type
    )
    try:
        write(if_match=ABSENT if is_new else "")
    except AwsError as error:
        if not (is_new and error.conflicting):
            raise
        if _is_there(services, companion, location):
            return
        write()
    log.info("wrote %s", location.uri)


def _is_there(services: AwsServices, companion: Companion, location: S3Location) -> bool:
    """Return whether the place holds the file; where no hash is known, whatever it holds is kept."""
    head = head_object(services, location)
    if head is None:
        return False
    expected = companion.expected
    return not expected or object_sha256(services, location, head) == expected


def _read(services: AwsServices, companion: Companion) -> bytes:
    if isinstance(companion.content, bytes):
        return companion.content
    content, asset = read_asset(services, companion.content), companion.content
    actual = hashlib.sha256(content).hexdigest()
    if companion.sha256 not in {"", actual}:
        raise PublishError(
            "asset-changed",
            f"{asset.uri} is not the {companion.noun} that was built: its sha256 is {actual}, the build's is "
            f"{companion.sha256}; delete the asset and deploy again",
        )
    return content
