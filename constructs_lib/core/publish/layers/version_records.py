"""The record of a published version: the manifest in its folder, with S3 metadata about the build and the owner.

People and the command line read it. No decision about what is live rests on it alone: it is compared with what Lambda
lists, and written anew where the two differ.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.errors import PublishError
from constructs_lib.core.log import log
from constructs_lib.core.publish.aws.aws_errors import AwsError, aws_call
from constructs_lib.core.publish.aws.s3_objects import (
    ABSENT,
    head_object,
    object_sha256,
    put_object,
    read_object_metadata,
)
from constructs_lib.core.publish.layers.stage import read_manifest
from constructs_lib.core.publish.layout import S3MetadataKeyEnum
from constructs_lib.core.publish.ownership import recorded_policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layers.layer_spec import LayerSpec
    from constructs_lib.core.publish.layers.live_versions import LiveVersion, VerifiedVersion
    from constructs_lib.core.publish.layout import S3Location

_ATTEMPTS = 5


class PrefixSharedError(PublishError):
    """The record of another layer stands in the place of a version's own."""


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
    manifest_sha256: str = ""
    """"" in records of earlier releases."""

    @classmethod
    def of(cls, spec: LayerSpec, live: VerifiedVersion, *, retain: bool = False) -> Record:
        """Build the record of a version that stands for `spec`: what Lambda reports goes before what was built."""
        mark = live.version.mark
        is_built_from_these = mark.build in {"", spec.mark.build}
        may_go = mark.owner != "" and not retain
        return cls(
            layer_version_arn=live.version.arn,
            manifest_md5=spec.manifest_md5,
            # The version was built from other inputs into the same bytes.
            fingerprint=spec.fingerprint if is_built_from_these else mark.build,
            layer_sha256=live.layer_sha256,
            attributes=live.version.attributes.digest,
            owner=spec.owner,
            removal_policy=recorded_policy(spec.removal_policy) if may_go else "retain",
            manifest_sha256=spec.manifest_sha256,
        )

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> Record | None:
        """Read S3 metadata; None where they name no version, as after a copy by a tool that drops metadata."""
        if not metadata.get(S3MetadataKeyEnum.layer_version_arn.value):
            return None
        return cls(**{key.name: metadata.get(key.value, "") for key in _KEYS})

    @property
    def metadata(self) -> dict[str, str]:
        """The record as S3 metadata."""
        return {key.value: value for key in _KEYS if (value := getattr(self, key.name))}

    def describes(self, version: LiveVersion) -> bool:
        """Return whether this is the version's record, not that of another layer under the same prefix."""
        return self.layer_version_arn == version.arn

    def agrees(self, live: VerifiedVersion) -> bool:
        """Return whether the record says what Lambda says: ARN, bytes, attributes, build and owner."""
        mark = live.version.mark
        return (
            self.describes(live.version)
            and self.layer_sha256 == live.layer_sha256
            and self.attributes == live.version.attributes.digest
            and (self.fingerprint or self.layer_sha256).startswith(mark.build)
            and (self.owner.startswith(mark.owner) if mark.owner else self.removal_policy == "retain")
        )

    def names_owner(self, owner: str) -> bool:
        """Return whether this owner published the version to be destroyed."""
        return owner != "" and self.owner == owner and self.removal_policy == "destroy"


_KEYS = tuple(S3MetadataKeyEnum[field.name] for field in fields(Record))


class _Stored(NamedTuple):
    """The object in a record's place."""

    record: Record | None
    etag: str
    manifest_sha256: str
    """Of its body."""

    def is_right(self, spec: LayerSpec, live: VerifiedVersion) -> bool:
        """Return whether it is this version's record, with the manifest that it and the template name."""
        if self.record is None or not self.record.agrees(live):
            return False
        named = {self.record.manifest_sha256, spec.manifest_sha256} - {""}
        return named <= {self.manifest_sha256}


def read_record(services: AwsServices, location: S3Location) -> Record | None:
    """Read a record; None when there is none."""
    metadata = read_object_metadata(services, location)
    return None if metadata is None else Record.from_metadata(metadata)


def write_record(services: AwsServices, spec: LayerSpec, live: VerifiedVersion, manifest: bytes) -> None:
    """Write the record of a version that is seconds old; see `keep_record` for one that stands in its place."""
    location = spec.record_location(live.version.number)
    try:
        put_object(services, location, manifest, metadata=Record.of(spec, live).metadata, if_match=ABSENT)
    except AwsError as error:
        if not error.conflicting:
            raise
        keep_record(services, spec, live, manifest)


def keep_record(
    services: AwsServices,
    spec: LayerSpec,
    live: VerifiedVersion,
    manifest: bytes | None = None,
    *,
    retain: bool = False,
) -> None:
    """Let the right record stand beside a version; write it unless it is there.

    A wrong one is overwritten, but for that of another layer under the same prefix, which raises a PublishError.
    Without `manifest` its bytes are read from where they are. `retain` takes from the owner the right to delete the
    version; a record that has taken it before keeps so.
    """
    location = spec.record_location(live.version.number)
    for attempt in range(_ATTEMPTS):
        stored = _read_stored(services, location)
        earlier = stored.record if stored else None
        if earlier is not None and not earlier.describes(live.version):
            raise _shared(location, earlier, live.version)
        is_retained = earlier is not None and earlier.removal_policy == "retain"
        is_right = stored is not None and stored.is_right(spec, live)
        if is_right and (is_retained or not retain):
            return
        if manifest is None:
            manifest = _read_body(services, location) if is_right else read_manifest(services, spec)
        metadata = Record.of(spec, live, retain=retain or is_retained).metadata
        try:
            put_object(
                services, location, manifest, metadata=metadata, if_match=stored.etag if stored else ABSENT
            )
        except AwsError as error:
            if not error.conflicting or not services.clock.back_off(attempt):
                raise
        else:
            log.info("recorded %s%s", live.version.arn, ", kept from now on" if retain else "")
            return
    raise AwsError(
        "aws-failed", f"s3:PutObject on {location.uri} failed: another writer changes it: deploy again"
    )


def _read_stored(services: AwsServices, location: S3Location) -> _Stored | None:
    head = head_object(services, location)
    if head is None:
        return None
    record = Record.from_metadata(head["Metadata"])
    return _Stored(record, head["ETag"], object_sha256(services, location, head) if record else "")


def _read_body(services: AwsServices, location: S3Location) -> bytes:
    with aws_call("s3:GetObject", location.uri):
        return services.s3.get_object(**location.params)["Body"].read()


def _shared(location: S3Location, record: Record, version: LiveVersion) -> PublishError:
    return PrefixSharedError(
        "prefix-shared",
        f"{location.uri} is the record of {record.layer_version_arn}, "
        f"not of {version.arn}: prefix shared with another account, region or layer; "
        f"give every layer a prefix of its own",
    )
