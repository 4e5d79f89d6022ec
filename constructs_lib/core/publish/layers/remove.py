"""The rules of Delete: a version that stays is better than a broken function."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.errors import PublishError
from constructs_lib.core.log import log
from constructs_lib.core.publish.aws.s3_objects import delete_object
from constructs_lib.core.publish.aws.side_by_side import both
from constructs_lib.core.publish.layers.live_versions import delete_version, get_live_version
from constructs_lib.core.publish.layers.release import release_and_choose
from constructs_lib.core.publish.layers.version_records import read_record
from constructs_lib.core.publish.ownership import owner_mark

if TYPE_CHECKING:
    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layers.layer_removal import LayerRemoval


class Verdict(NamedTuple):
    """What a Delete may take of one version."""

    version: bool
    objects: bool
    """The objects in its folder, which may be those of another layer under the same prefix."""


def remove_layer(services: AwsServices, removal: LayerRemoval) -> None:
    """Delete the version if this owner published it to be destroyed; otherwise do nothing."""
    named = judge(services, removal, removal.arn.version)
    if not named.version:
        log.info("kept: %s was not published by this resource to be destroyed", removal.arn)
        return
    verdicts = {removal.arn.version: named}
    if removal.keep_versions:
        surplus = release_and_choose(services, removal)
        verdicts = {number: judge(services, removal, number) for number in surplus}
    for number, verdict in verdicts.items():
        if verdict.version:
            _delete(services, removal, number, objects=verdict.objects)


def judge(services: AwsServices, removal: LayerRemoval, number: int) -> Verdict:
    """Ask the mark, which only Lambda's API can write, and the record, which can only take the right to delete.

    Of a version that is gone already only the objects are left, and their record names the owner.
    """
    record, live = both(
        services,
        partial(read_record, services, removal.record_location(number)),
        partial(get_live_version, services, removal.arn.layer_name, number),
    )
    is_described = record is not None and record.layer_version_arn == f"{removal.arn.layer_arn}:{number}"
    if live is None:
        may_go = is_described and record is not None and record.names_owner(removal.owner)
        return Verdict(may_go, may_go)
    is_owned = removal.owner != "" and live.version.mark.owner == owner_mark(removal.owner)
    is_retained = is_described and record is not None and record.removal_policy == "retain"
    return Verdict(is_owned and not is_retained, is_described or record is None)


def _delete(services: AwsServices, removal: LayerRemoval, number: int, *, objects: bool) -> None:
    """Delete the version, then its objects; the record goes late, because it is the proof for a repeated Delete."""
    delete_version(services, removal.arn.layer_name, number)
    log.info("deleted %s:%d", removal.arn.layer_arn, number)
    if not objects:
        return
    try:
        delete_object(services, removal.layout.get_s3path_layer_sbom(number))
        delete_object(services, removal.record_location(number))
        if removal.keep_versions:
            delete_object(services, removal.layout.get_s3path_released(number))
    except PublishError as error:
        # Without its version a record means nothing; an Object Lock or a missing right is fine.
        log.warning("object left over: %s", error)
