"""Source artifacts: one object per version and content, never overwritten with other bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.aws_errors import aws_call
from constructs_lib.core.publish.layout import SourceS3Layout
from constructs_lib.core.publish.objects import check_asset, copy_object, delete_object, read_metadata

if TYPE_CHECKING:
    from constructs_lib.core.publish.layout import S3Location
    from constructs_lib.core.publish.model import RemovalPolicy
    from constructs_lib.core.publish.tools import Tools

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class WantedSource:
    """The source artifact that should lie in its place. The hash is hexadecimal."""

    s3dir_lambda: S3Location
    asset: S3Location
    source_sha256: str
    source_version: str
    owner: str = ""
    removal_policy: RemovalPolicy = "retain"

    @property
    def location(self) -> S3Location:
        """`source/{version}/{sha256}/source.zip`."""
        layout = SourceS3Layout.from_s3dir_lambda(self.s3dir_lambda)
        return layout.get_s3path_source_zip(self.source_version, self.source_sha256)

    def metadata(self, owner: str) -> dict[str, str]:
        """What the object says about itself."""
        return {
            "source_version": self.source_version,
            "source_sha256": self.source_sha256,
            "owner": owner,
            "removal_policy": "destroy" if owner and self.removal_policy != "retain" else "retain",
        }


def ensure_source(tools: Tools, wanted: WantedSource) -> S3Location:
    """Return the object's place; copy the asset there unless it is there already.

    An object that someone else may destroy becomes nobody's, so that nobody does; so does one that was there
    before where only what a failed operation made is to go.
    """
    location = wanted.location
    found = read_metadata(tools, location)
    if found is None or found.get("source_sha256") != wanted.source_sha256:
        etag = _check_asset(tools, wanted)
        copy_object(tools, wanted.asset, location, etag, wanted.metadata(wanted.owner))
    elif found.get("removal_policy") == "destroy" and (
        found.get("owner") != wanted.owner or wanted.removal_policy == "retain-except-on-create"
    ):
        etag = check_asset(tools, location)
        copy_object(tools, location, location, etag, wanted.metadata(owner=""))
        tools.log(f"kept from now on, it was there before: {location.uri}")
    else:
        tools.log(f"unchanged: {location.uri}")
    return location


def remove_source(tools: Tools, location: S3Location, owner: str) -> None:
    """Delete the object if this owner put it there to be destroyed; otherwise do nothing."""
    found = read_metadata(tools, location)
    if found is None:
        tools.log(f"already gone: {location.uri}")
    elif not owner or found.get("owner") != owner or found.get("removal_policy") != "destroy":
        tools.log(f"kept: {location.uri} was not put there by this resource to be destroyed")
    else:
        delete_object(tools, location)
        tools.log(f"deleted {location.uri}")


def _check_asset(tools: Tools, wanted: WantedSource) -> str:
    """Read the asset once: the name of its new place promises its sha256. Return its ETag."""
    asset = wanted.asset
    etag, digest = check_asset(tools, asset), hashlib.sha256()
    with aws_call("s3:GetObject", asset.uri):
        body = tools.s3.get_object(Bucket=asset.bucket, Key=asset.key, IfMatch=etag)["Body"]
        for chunk in body.iter_chunks(_CHUNK):
            digest.update(chunk)
    if digest.hexdigest() != wanted.source_sha256:
        raise PublishError(
            f"{asset.uri} is not the zip that was built: its sha256 is {digest.hexdigest()}, "
            f"built was {wanted.source_sha256}; delete the asset and deploy again"
        )
    return etag
