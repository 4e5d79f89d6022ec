"""`keep_versions`: which of the released versions go.

Only versions that CloudFormation has named in a Delete are candidates. The newest N are no safe measure:
after a rollback the version in use may be older than all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.publish.aws_errors import aws_call
from constructs_lib.core.publish.live import list_live_versions
from constructs_lib.core.publish.model import owner_mark
from constructs_lib.core.publish.objects import delete_object, read_metadata
from constructs_lib.core.publish.usage import functions_by_layer

if TYPE_CHECKING:
    from constructs_lib.core.layout import S3Location
    from constructs_lib.core.publish.model import LayerRemoval
    from constructs_lib.core.publish.tools import Tools

RELEASED = "released"
"""Name of the empty object beside a version that no stack refers to any more."""


def released_location(version_folder: S3Location) -> S3Location:
    """Where the empty object lies that says: no stack refers to this version any more."""
    return version_folder / RELEASED


def release_and_choose(tools: Tools, removal: LayerRemoval) -> list[int]:
    """Release the named version; return those released ones of this owner that are too many.

    Never the newest version of the layer, never one that a function uses, if that may be listed.
    """
    location = released_location(removal.version_folder(removal.arn.version))
    with aws_call("s3:PutObject", location.uri):
        tools.s3.put_object(Bucket=location.bucket, Key=location.key, Body=b"")
    live = list_live_versions(tools, removal.arn.layer_name)
    ours = [version for version in live if version.mark == owner_mark(removal.owner)]
    released = [
        version
        for version in ours
        if read_metadata(tools, released_location(removal.version_folder(version.number))) is not None
    ]
    # The version in use is one of the N; so N - 1 released ones stay behind it.
    surplus = [version for version in released[removal.keep_versions - 1 :] if version is not live[0]]
    in_use = (functions_by_layer(tools) or {}) if surplus else {}
    return [version.number for version in surplus if version.arn not in in_use]


def take_back(tools: Tools, version_folder: S3Location) -> None:
    """A released version is in use again."""
    location = released_location(version_folder)
    if read_metadata(tools, location) is None:
        return
    delete_object(tools, location)
    tools.log(f"taken back: {location.uri}")
