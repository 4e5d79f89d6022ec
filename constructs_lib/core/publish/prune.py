"""`keep_versions`: which of the released versions go.

Only versions that CloudFormation has named in a Delete are candidates. The newest N are no safe measure:
after a rollback the version in use may be older than all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.publish.aws_errors import aws_call
from constructs_lib.core.publish.live import list_live_versions
from constructs_lib.core.publish.model import owner_mark
from constructs_lib.core.publish.objects import read_metadata
from constructs_lib.core.publish.usage import functions_by_layer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.core.publish.layout import S3Location
    from constructs_lib.core.publish.model import LayerRemoval
    from constructs_lib.core.publish.tools import Tools

RELEASED = "released"
"""Name of the empty object beside a version that no stack refers to any more, until it is taken back."""

_TAKEN_BACK, _RELEASED_BY = "taken_back", "released_by"


def released_location(version_folder: S3Location) -> S3Location:
    """Where the empty object lies that says whether any stack refers to this version."""
    return version_folder / RELEASED


def release_and_choose(tools: Tools, removal: LayerRemoval) -> list[int]:
    """Release the named version; return those released ones of this owner that are too many.

    Never the newest version of the layer, never one that a function uses, if that may be listed.
    """
    _release(tools, removal)
    live = list_live_versions(tools, removal.arn.layer_name)
    ours = [version for version in live if version.mark == owner_mark(removal.owner)]
    released = [
        version
        for version in ours
        if _is_released(tools, released_location(removal.version_folder(version.number)))
    ]
    # The version in use is one of the N; so N - 1 released ones stay behind it.
    surplus = [version for version in released[removal.keep_versions - 1 :] if version is not live[0]]
    in_use = (functions_by_layer(tools) or {}) if surplus else {}
    return [version.number for version in surplus if version.arn not in in_use]


def take_back(tools: Tools, version_folder: S3Location) -> None:
    """A released version is in use again.

    The object is overwritten, not deleted: where the removal policy has become "retain" the role may no
    longer delete. It still tells which request released the version.
    """
    location = released_location(version_folder)
    metadata = read_metadata(tools, location)
    if metadata is None or _TAKEN_BACK in metadata:
        return
    _write(tools, location, {**metadata, _TAKEN_BACK: "true"})
    tools.log(f"taken back: {location.uri}")


def _release(tools: Tools, removal: LayerRemoval) -> None:
    """Release the named version, unless this very request did: it may have been taken back since."""
    location = released_location(removal.version_folder(removal.arn.version))
    metadata = read_metadata(tools, location)
    if metadata is None or removal.request_id == "" or metadata.get(_RELEASED_BY) != removal.request_id:
        _write(tools, location, {_RELEASED_BY: removal.request_id})


def _write(tools: Tools, location: S3Location, metadata: Mapping[str, str]) -> None:
    with aws_call("s3:PutObject", location.uri):
        tools.s3.put_object(Bucket=location.bucket, Key=location.key, Body=b"", Metadata=metadata)


def _is_released(tools: Tools, location: S3Location) -> bool:
    metadata = read_metadata(tools, location)
    return metadata is not None and _TAKEN_BACK not in metadata
