"""The rules of Delete: rather leave a version over than break a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.layout import SBOM_NAME
from constructs_lib.core.publish.live import delete_version, get_live_version
from constructs_lib.core.publish.model import owner_mark
from constructs_lib.core.publish.objects import delete_object
from constructs_lib.core.publish.prune import release_and_choose, released_location
from constructs_lib.core.publish.records import read_record

if TYPE_CHECKING:
    from constructs_lib.core.publish.model import LayerRemoval
    from constructs_lib.core.publish.tools import Tools


def remove_layer(tools: Tools, removal: LayerRemoval) -> None:
    """Delete the version if it was published by this owner to be destroyed; otherwise do nothing."""
    if not may_destroy(tools, removal, removal.arn.version):
        tools.log(f"kept: {removal.arn} was not published by this resource to be destroyed")
        return
    numbers = [removal.arn.version]
    if removal.keep_versions:
        surplus = release_and_choose(tools, removal)
        numbers = [number for number in surplus if may_destroy(tools, removal, number)]
    for number in numbers:
        _delete(tools, removal, number)


def may_destroy(tools: Tools, removal: LayerRemoval, number: int) -> bool:
    """Ask the record, or, when a crash left none, the mark that was published with the version."""
    record = read_record(tools, removal.record_location(number))
    if record is not None:
        names_it = record.layer_version_arn == f"{removal.arn.layer_arn}:{number}"
        return names_it and record.may_be_destroyed_by(removal.owner)
    found = get_live_version(tools, removal.arn.layer_name, number)
    return found is not None and found[0].mark == owner_mark(removal.owner)


def _delete(tools: Tools, removal: LayerRemoval, number: int) -> None:
    """Delete the version, then what lies beside it, of which the record is the proof for the next try."""
    delete_version(tools, removal.arn.layer_name, number)
    tools.log(f"deleted {removal.arn.layer_arn}:{number}")
    try:
        delete_object(tools, removal.version_folder(number) / SBOM_NAME)
        delete_object(tools, removal.record_location(number))
        if removal.keep_versions:
            delete_object(tools, released_location(removal.version_folder(number)))
    except PublishError as error:
        # Without its version a record means nothing; an Object Lock or a missing right is fine.
        tools.log(f"object left over: {error}")
