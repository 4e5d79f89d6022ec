"""The rules of Delete: a version that stays is better than a broken function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.errors import PublishError
from constructs_lib.core.log import log
from constructs_lib.core.publish.aws.s3_objects import delete_object
from constructs_lib.core.publish.layers.live_versions import delete_version, get_live_version
from constructs_lib.core.publish.layers.release import release_and_choose
from constructs_lib.core.publish.layers.version_records import read_record
from constructs_lib.core.publish.layout import LayerS3Layout
from constructs_lib.core.publish.ownership import owner_mark

if TYPE_CHECKING:
    from constructs_lib.core.publish.aws.arn import LayerVersionArn
    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layout import S3Location


@dataclass(frozen=True, slots=True)
class LayerRemoval:
    """A version that its owner, in destroy mode, no longer refers to.

    `keep_versions` counts the one in use: with 3, two more stay behind it. 0 keeps none, 1 is refused. `request_id` tells
    a repeated Delete from another one.
    """

    arn: LayerVersionArn
    s3dir_lambda: S3Location
    manifest_name: str
    owner: str
    keep_versions: int = 0
    request_id: str = ""

    def __post_init__(self) -> None:
        if self.keep_versions == 1 or self.keep_versions < 0:
            raise ValueError(
                f"keep_versions is {self.keep_versions}; it must be at least 2, so that a rollback finds its version"
            )

    @property
    def layout(self) -> LayerS3Layout:
        """The layout of this layer's objects."""
        return LayerS3Layout(self.s3dir_lambda)

    def record_location(self, number: int) -> S3Location:
        """Return the place of the record of one version of this layer."""
        return self.layout.get_s3path_layer_manifest(number, self.manifest_name)


def remove_layer(services: AwsServices, removal: LayerRemoval) -> None:
    """Delete the version if this owner published it to be destroyed; otherwise do nothing."""
    if not may_destroy(services, removal, removal.arn.version):
        log.info("kept: %s was not published by this resource to be destroyed", removal.arn)
        return
    numbers = [removal.arn.version]
    if removal.keep_versions:
        surplus = release_and_choose(services, removal)
        numbers = [number for number in surplus if may_destroy(services, removal, number)]
    for number in numbers:
        _delete(services, removal, number)


def may_destroy(services: AwsServices, removal: LayerRemoval, number: int) -> bool:
    """Ask the record, or, when a crash left none, the mark that was published with the version."""
    record = read_record(services, removal.record_location(number))
    if record is not None:
        describes_it = record.layer_version_arn == f"{removal.arn.layer_arn}:{number}"
        return describes_it and record.may_be_destroyed_by(removal.owner)
    live = get_live_version(services, removal.arn.layer_name, number)
    return live is not None and live[0].mark == owner_mark(removal.owner)


def _delete(services: AwsServices, removal: LayerRemoval, number: int) -> None:
    """Delete the version, then its objects; the record goes late, because it is the proof for a repeated Delete."""
    delete_version(services, removal.arn.layer_name, number)
    log.info("deleted %s:%d", removal.arn.layer_arn, number)
    try:
        delete_object(services, removal.layout.get_s3path_layer_sbom(number))
        delete_object(services, removal.record_location(number))
        if removal.keep_versions:
            delete_object(services, removal.layout.get_s3path_released(number))
    except PublishError as error:
        # Without its version a record means nothing; an Object Lock or a missing right is fine.
        log.warning("object left over: %s", error)
