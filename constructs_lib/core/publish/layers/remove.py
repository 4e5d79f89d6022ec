"""The rules of Delete: a version that stays is better than a broken function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.errors import PublishError
from constructs_lib.core.log import log
from constructs_lib.core.publish.aws.s3_objects import delete_object
from constructs_lib.core.publish.layers.live_versions import delete_version, get_live_version
from constructs_lib.core.publish.layers.release import release_and_choose
from constructs_lib.core.publish.layers.version_records import read_record
from constructs_lib.core.publish.ownership import owner_mark

if TYPE_CHECKING:
    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layers.layer_removal import LayerRemoval


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
