"""Source artifacts: one object per version and content, never overwritten with other bytes."""

from __future__ import annotations

from dataclasses import dataclass, fields
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
    read_sha256,
)
from constructs_lib.core.publish.layout import S3MetadataKeyEnum, SourceS3Layout
from constructs_lib.core.publish.ownership import recorded_policy

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    """Return the artifact's place; copy the asset there unless its bytes are there already.

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
    return location


def remove_source(services: AwsServices, location: S3Location, owner: str) -> None:
    """Delete the object if this owner put it there to be destroyed; otherwise do nothing."""
    record = read_source_record(services, location)
    if record is None:
        log.info("already gone: %s", location.uri)
    elif not may_remove(record, owner):
        log.info("kept: %s was not put there by this resource to be destroyed", location.uri)
    else:
        delete_object(services, location)
        log.info("deleted %s", location.uri)


def may_remove(record: SourceRecord | None, owner: str) -> bool:
    """Return whether this owner put the object there to be destroyed."""
    return record is not None and bool(owner) and record.owner == owner and record.is_destroyable


def read_source_record(services: AwsServices, location: S3Location) -> SourceRecord | None:
    """Read the record of a source artifact; None when there is no object."""
    metadata = read_object_metadata(services, location)
    return None if metadata is None else SourceRecord.from_metadata(metadata)


def _check_asset(services: AwsServices, spec: SourceSpec) -> str:
    """Read the asset once, because the name of its new place promises its sha256; return its ETag."""
    asset = spec.asset
    etag = check_asset(services, asset)
    sha256 = read_sha256(services, asset, etag)
    if sha256 != spec.source_sha256:
        raise PublishError(
            "asset-changed",
            f"{asset.uri} is not the zip that was built: its sha256 is {sha256}, "
            f"the build's is {spec.source_sha256}; delete the asset and deploy again",
        )
    return etag
