"""The record of a published version: the manifest in its folder, with S3 metadata about the build and the owner."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from constructs_lib.core.log import log
from constructs_lib.core.publish.aws.aws_errors import AwsError, aws_call
from constructs_lib.core.publish.aws.s3_objects import read_object_metadata
from constructs_lib.core.publish.layout import S3MetadataKeyEnum
from constructs_lib.core.publish.ownership import recorded_policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layers.layer_spec import LayerSpec
    from constructs_lib.core.publish.layers.live_versions import LiveVersion
    from constructs_lib.core.publish.layout import S3Location

_ATTEMPTS = 5
_EXISTS = {409, 412}
"""Answers of S3 to `IfNoneMatch` where an object is there, or another write is under way."""


@dataclass(frozen=True, slots=True)
class Record:
    """The inputs and the owner of a version. All ASCII, well below S3's 2 KB; each field is a key of the metadata.

    `layer_version_arn` tells apart two layers, accounts or regions that share one prefix by mistake.
    """

    layer_version_arn: str
    manifest_md5: str
    fingerprint: str
    layer_sha256: str
    attributes: str
    owner: str
    removal_policy: str

    @classmethod
    def of(cls, spec: LayerSpec, arn: str) -> Record:
        """Build the record of `spec`, published as `arn`."""
        return cls(
            layer_version_arn=arn,
            manifest_md5=spec.manifest_md5,
            fingerprint=spec.fingerprint,
            layer_sha256=spec.layer_sha256,
            attributes=spec.attributes.digest,
            owner=spec.owner,
            removal_policy=recorded_policy(spec.removal_policy),
        )

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> Record:
        """Read S3 metadata; a missing key becomes "", which equals nothing."""
        return cls(**{key.name: metadata.get(key.value, "") for key in _KEYS})

    @property
    def metadata(self) -> dict[str, str]:
        """The record as S3 metadata."""
        return {key.value: getattr(self, key.name) for key in _KEYS}

    @property
    def is_claim(self) -> bool:
        """The record names no version: a delivery wrote it in order to withdraw its own version."""
        return self.layer_version_arn == ""

    def describes(self, version: LiveVersion) -> bool:
        """Return whether this is the version's record, not that of another layer under the same prefix."""
        return self.layer_version_arn == version.arn

    def is_same(self, spec: LayerSpec) -> bool:
        """Return whether the attributes are equal, and the inputs or the bytes as well."""
        same_inputs = self.fingerprint != "" and self.fingerprint == spec.fingerprint
        same_code = self.layer_sha256 != "" and self.layer_sha256 == spec.layer_sha256
        return self.attributes == spec.attributes.digest and (same_inputs or same_code)

    def may_be_reused(self, spec: LayerSpec) -> bool:
        """Return whether no other owner can delete the version and, in destroy mode, this one can."""
        if spec.removal_policy == "destroy":
            return self.is_owned_by(spec.owner)
        return self.removal_policy != "destroy" or self.is_owned_by(spec.owner)

    def is_owned_by(self, owner: str) -> bool:
        """Return whether the record names this owner."""
        return owner != "" and self.owner == owner

    def may_be_destroyed_by(self, owner: str) -> bool:
        """Return whether this owner published it to be destroyed; a retained version may have been adopted since."""
        return self.is_owned_by(owner) and self.removal_policy == "destroy"


_KEYS = tuple(S3MetadataKeyEnum[field.name] for field in fields(Record))


def read_record(services: AwsServices, location: S3Location) -> Record | None:
    """Read a record; None when there is none."""
    metadata = read_object_metadata(services, location)
    return None if metadata is None else Record.from_metadata(metadata)


def write_record(services: AwsServices, location: S3Location, record: Record, manifest: bytes) -> Record:
    """Write a record unless there is one; return the one that is there afterwards, this or an earlier one."""
    for attempt in range(_ATTEMPTS):
        try:
            with aws_call("s3:PutObject", location.uri):
                services.s3.put_object(
                    Bucket=location.bucket,
                    Key=location.key,
                    Body=manifest,
                    Metadata=record.metadata,
                    IfNoneMatch="*",
                )
        except AwsError as error:
            if error.status not in _EXISTS:
                raise
            existing = read_record(services, location)
            if existing is not None:
                return existing
            if attempt == _ATTEMPTS - 1 or not services.clock.back_off(attempt):
                raise
        else:
            return record
    raise AssertionError  # pragma: no cover


def retain_recorded(services: AwsServices, location: S3Location) -> None:
    """Protect the recorded version from deletion from now on; a version without a record stays as it is."""
    record = read_record(services, location)
    if record is None or record.removal_policy != "destroy":
        return
    with aws_call("s3:GetObject", location.uri):
        answer = services.s3.get_object(Bucket=location.bucket, Key=location.key)
        manifest = answer["Body"].read()
    with aws_call("s3:PutObject", location.uri):
        services.s3.put_object(
            Bucket=location.bucket,
            Key=location.key,
            Body=manifest,
            Metadata=replace(record, removal_policy="retain").metadata,
            IfMatch=answer["ETag"],
        )
    log.info("kept from now on: %s was there before", record.layer_version_arn)


def claim_unrecorded(services: AwsServices, location: S3Location) -> bool:
    """Take the place of a record, so that the version cannot be adopted any more; False when it has been."""
    try:
        with aws_call("s3:PutObject", location.uri):
            services.s3.put_object(Bucket=location.bucket, Key=location.key, Body=b"", IfNoneMatch="*")
    except AwsError as error:
        if error.status not in _EXISTS:
            raise
        existing = read_record(services, location)
        return existing is not None and existing.is_claim
    return True
