"""Source artifacts: one object per version and content, never overwritten with other bytes."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING

from constructs_lib.core.errors import PublishError
from constructs_lib.core.log import log
from constructs_lib.core.publish.aws.s3_objects import (
    check_asset,
    copy_object,
    delete_object,
    head_object,
    object_sha256,
    read_object_metadata,
    reading_asset,
)
from constructs_lib.core.publish.aws.side_by_side import side_by_side
from constructs_lib.core.publish.layout import S3MetadataKeyEnum, SourceS3Layout
from constructs_lib.core.publish.ownership import recorded_policy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layout import S3Location
    from constructs_lib.core.publish.ownership import RemovalPolicy


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """The source artifact that should be in its place. The hash is hexadecimal."""

    s3dir_lambda: S3Location
    asset: S3Location
    source_sha256: str
    source_version: str
    owner: str = ""
    removal_policy: RemovalPolicy = "retain"

    @property
    def location(self) -> S3Location:
        """The artifact's place, `source/{version}/{sha256}/source.zip`."""
        layout = SourceS3Layout.from_s3dir_lambda(self.s3dir_lambda)
        return layout.get_s3path_source_zip(self.source_version, self.source_sha256)


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """The identity and the owner of a source artifact; each field is a key of the object's metadata."""

    source_version: str = ""
    source_sha256: str = ""
    owner: str = ""
    removal_policy: str = "retain"

    @classmethod
    def of(cls, spec: SourceSpec, owner: str) -> SourceRecord:
        """Build the record of `spec`; an object without an owner is retained."""
        policy = recorded_policy(spec.removal_policy) if owner else "retain"
        return cls(spec.source_version, spec.source_sha256, owner, policy)

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> SourceRecord:
        """Read S3 metadata; another tool's object has neither owner nor policy, and is retained."""
        return cls(**{key.name: metadata[key.value] for key in _KEYS if key.value in metadata})

    @property
    def metadata(self) -> dict[str, str]:
        """The record as S3 metadata."""
        return {key.value: getattr(self, key.name) for key in _KEYS}

    @property
    def is_destroyable(self) -> bool:
        """The owner may delete the object."""
        return self.removal_policy == "destroy"


_KEYS = tuple(S3MetadataKeyEnum[field.name] for field in fields(SourceRecord))


def ensure_source(services: AwsServices, spec: SourceSpec) -> S3Location:
    """Return the artifact's place, where its bytes are afterwards; see `lay_out_source`."""
    lay_out_source(services, spec)
    return spec.location


def lay_out_source(services: AwsServices, spec: SourceSpec) -> bool:
    """Copy the asset to its place unless its bytes are there already; return whether the place was empty.

    An object that another owner may destroy loses its owner, so that it stays. So does one that existed before, where
    only the products of a failed operation are to be deleted.
    """
    location = spec.location
    head = head_object(services, location)
    record = None if head is None else SourceRecord.from_metadata(head["Metadata"])
    if head is None or record is None or object_sha256(services, location, head) != spec.source_sha256:
        etag = _check_asset(services, spec)
        copy_object(services, spec.asset, location, etag, SourceRecord.of(spec, spec.owner).metadata)
    elif record.is_destroyable and (
        record.owner != spec.owner or spec.removal_policy == "retain-except-on-create"
    ):
        metadata = SourceRecord.of(spec, owner="").metadata
        copy_object(services, location, location, head["ETag"], metadata)
        log.info("kept from now on, it was there before: %s", location.uri)
    else:
        log.info("unchanged: %s", location.uri)
    return head is None


def remove_source(
    services: AwsServices, location: S3Location, owner: str, beside: Sequence[S3Location] = ()
) -> None:
    """Delete the object, and before it those `beside` it, if this owner put it there to be destroyed.

    The record of the object tells a second try that the others are to go.
    """
    record = read_source_record(services, location)
    if record is None:
        log.info("already gone: %s", location.uri)
    elif not (owner and record.owner == owner and record.is_destroyable):
        log.info("kept: %s was not put there by this resource to be destroyed", location.uri)
    else:
        side_by_side(services, [partial(delete_object, services, place) for place in beside])
        delete_object(services, location)
        log.info("deleted %s", location.uri)


def read_source_record(services: AwsServices, location: S3Location) -> SourceRecord | None:
    """Read the record of a source artifact; None when there is no object."""
    metadata = read_object_metadata(services, location)
    return None if metadata is None else SourceRecord.from_metadata(metadata)


def _check_asset(services: AwsServices, spec: SourceSpec) -> str:
    """Compare the asset's hash, because the name of its new place promises it; return its ETag.

    S3 has the hash of what the cdk command line uploads in one part; a larger asset is read once.
    """
    asset = spec.asset
    head = check_asset(services, asset)
    with reading_asset(asset):
        sha256 = object_sha256(services, asset, head)
    if sha256 != spec.source_sha256:
        raise PublishError(
            "asset-changed",
            f"{asset.uri} is not the zip that was built: its sha256 is {sha256}, "
            f"the build's is {spec.source_sha256}; delete the asset and deploy again",
        )
    return head["ETag"]
