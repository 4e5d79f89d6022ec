"""The record of a published version: the manifest beside it, with what we know as S3 metadata."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING

from constructs_lib.core.publish.aws_errors import AwsError, aws_call
from constructs_lib.core.publish.objects import read_metadata

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.core.publish.layout import S3Location
    from constructs_lib.core.publish.live import LiveVersion
    from constructs_lib.core.publish.model import WantedLayer
    from constructs_lib.core.publish.tools import Tools

_CONFLICTS = 5


@dataclass(frozen=True, slots=True)
class Record:
    """What a version was made from, and who may delete it. All ASCII, well below S3's 2 KB.

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
    def of(cls, wanted: WantedLayer, arn: str) -> Record:
        """The record of `wanted`, published as `arn`."""
        return cls(
            layer_version_arn=arn,
            manifest_md5=wanted.manifest_md5,
            fingerprint=wanted.fingerprint,
            layer_sha256=wanted.layer_sha256,
            attributes=wanted.attributes.digest,
            owner=wanted.owner,
            removal_policy="retain" if wanted.removal_policy == "retain" else "destroy",
        )

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> Record:
        """Read S3 metadata; what is not there becomes "" and equals nothing."""
        return cls(**{field.name: metadata.get(field.name, "") for field in fields(cls)})

    @property
    def is_claim(self) -> bool:
        """It names no version: a delivery put it there to withdraw the one it had published."""
        return self.layer_version_arn == ""

    def describes(self, version: LiveVersion) -> bool:
        """The record is this version's own, not that of another layer under the same prefix."""
        return self.layer_version_arn == version.arn

    def is_same(self, wanted: WantedLayer) -> bool:
        """The same attributes, and the same inputs or the same bytes."""
        inputs = self.fingerprint != "" and self.fingerprint == wanted.fingerprint
        code = self.layer_sha256 != "" and self.layer_sha256 == wanted.layer_sha256
        return self.attributes == wanted.attributes.digest and (inputs or code)

    def may_be_reused(self, wanted: WantedLayer) -> bool:
        """Nobody else can delete the version, and in destroy mode we can."""
        if wanted.removal_policy == "destroy":
            return self.is_owned_by(wanted.owner)
        return self.removal_policy != "destroy" or self.is_owned_by(wanted.owner)

    def is_owned_by(self, owner: str) -> bool:
        """The record names this owner."""
        return owner != "" and self.owner == owner

    def may_be_destroyed_by(self, owner: str) -> bool:
        """Published by this owner to be destroyed; what was ever retained may have been adopted since."""
        return self.is_owned_by(owner) and self.removal_policy == "destroy"


def read_record(tools: Tools, location: S3Location) -> Record | None:
    """Read a record; None when there is none."""
    metadata = read_metadata(tools, location)
    return None if metadata is None else Record.from_metadata(metadata)


def write_record(tools: Tools, location: S3Location, record: Record, manifest: bytes) -> Record:
    """Write a record where none is; return the one that stands there then, ours or an earlier one."""
    for attempt in range(_CONFLICTS):
        try:
            with aws_call("s3:PutObject", location.uri):
                tools.s3.put_object(
                    Bucket=location.bucket,
                    Key=location.key,
                    Body=manifest,
                    Metadata=asdict(record),
                    IfNoneMatch="*",
                )
        except AwsError as error:
            if error.status not in {409, 412}:
                raise
            standing = read_record(tools, location)
            if standing is not None:
                return standing
            if attempt == _CONFLICTS - 1 or not tools.clock.back_off(attempt):
                raise
        else:
            return record
    raise AssertionError  # pragma: no cover


def keep_for_ever(tools: Tools, location: S3Location) -> None:
    """Let nobody delete the recorded version any more; a version that has no record stays as it is."""
    record = read_record(tools, location)
    if record is None or record.removal_policy != "destroy":
        return
    with aws_call("s3:GetObject", location.uri):
        found = tools.s3.get_object(Bucket=location.bucket, Key=location.key)
        manifest = found["Body"].read()
    with aws_call("s3:PutObject", location.uri):
        tools.s3.put_object(
            Bucket=location.bucket,
            Key=location.key,
            Body=manifest,
            Metadata=asdict(replace(record, removal_policy="retain")),
            IfMatch=found["ETag"],
        )
    tools.log(f"kept from now on: {record.layer_version_arn} was there before")


def claim_unrecorded(tools: Tools, location: S3Location) -> bool:
    """Take the place of a record, so that nobody adopts the version any more; False when somebody has."""
    try:
        with aws_call("s3:PutObject", location.uri):
            tools.s3.put_object(Bucket=location.bucket, Key=location.key, Body=b"", IfNoneMatch="*")
    except AwsError as error:
        if error.status not in {409, 412}:
            raise
        standing = read_record(tools, location)
        return standing is not None and standing.is_claim
    return True


def write_last_manifest(tools: Tools, wanted: WantedLayer, manifest: bytes) -> None:
    """Keep `layer/last-{manifest}` for readers; it decides nothing, so a failure is only logged."""
    location = wanted.s3dir_lambda / "layer" / f"last-{wanted.manifest_name}"
    try:
        with aws_call("s3:PutObject", location.uri):
            tools.s3.put_object(Bucket=location.bucket, Key=location.key, Body=manifest)
    except AwsError as error:
        tools.log(f"not updated: {error}")
