"""Releases: the mark of versions that their stack no longer refers to, and `keep_versions`, which chooses among them.

Only versions that CloudFormation has named in a Delete are candidates. The newest N are no safe measure: after a rollback
the version in use may be older than all of them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from constructs_lib.core.log import log
from constructs_lib.core.publish.aws.s3_objects import put_object, read_object_metadata
from constructs_lib.core.publish.aws.usage import functions_by_layer
from constructs_lib.core.publish.layers.live_versions import list_live_versions
from constructs_lib.core.publish.layout import S3MetadataKeyEnum
from constructs_lib.core.publish.ownership import owner_mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layers.layer_removal import LayerRemoval
    from constructs_lib.core.publish.layers.layer_spec import Compatibility
    from constructs_lib.core.publish.layers.live_versions import LiveVersion
    from constructs_lib.core.publish.layout import S3Location

_RELEASED_BY = S3MetadataKeyEnum.released_by.value
_CANCELED = S3MetadataKeyEnum.taken_back.value


@dataclass(frozen=True, slots=True)
class Release:
    """The request that released a version, and whether the version is in use again."""

    request_id: str
    is_canceled: bool = False

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> Release:
        """Read S3 metadata."""
        return cls(metadata.get(_RELEASED_BY, ""), _CANCELED in metadata)

    @property
    def metadata(self) -> dict[str, str]:
        """The release as S3 metadata."""
        return {_RELEASED_BY: self.request_id, **({_CANCELED: "true"} if self.is_canceled else {})}


def release_and_choose(services: AwsServices, removal: LayerRemoval) -> list[int]:
    """Release the named version; return those released versions of this owner that are too many.

    Versions for other runtimes or architectures count apart. The newest version of the layer is never among them, nor
    one that a function uses; where functions may not be listed, none is.
    """
    _release(services, removal)
    live = list_live_versions(services, removal.arn.layer_name)
    mark = owner_mark(removal.owner)
    released: dict[Compatibility, list[LiveVersion]] = defaultdict(list)
    for version in live:
        if version.mark.owner == mark and _is_released(services, removal, version.number):
            released[version.attributes.target].append(version)
    # The version in use is one of the N; so N - 1 released ones stay behind it.
    surplus = [
        version
        for versions in released.values()
        for version in versions[removal.keep_versions - 1 :]
        if version is not live[0]
    ]
    in_use = functions_by_layer(services) if surplus else {}
    if in_use is None:
        log.warning(
            "%d version(s) of %s stay, because they may be in use", len(surplus), removal.arn.layer_name
        )
        return []
    return [version.number for version in surplus if version.arn not in in_use]


def cancel_release(services: AwsServices, location: S3Location) -> None:
    """Note that a released version is in use again.

    The object is overwritten, not deleted: where the removal policy has become "retain" the role may no longer delete.
    It still names the request that released the version.
    """
    release = _read(services, location)
    if release is None or release.is_canceled:
        return
    _write(services, location, replace(release, is_canceled=True))
    log.info("in use again: %s", location.uri)


def _release(services: AwsServices, removal: LayerRemoval) -> None:
    """Release the named version, unless this very request did: the release may have been canceled since."""
    location = removal.layout.get_s3path_released(removal.arn.version)
    release = _read(services, location)
    if release is None or removal.request_id == "" or release.request_id != removal.request_id:
        _write(services, location, Release(removal.request_id))


def _is_released(services: AwsServices, removal: LayerRemoval, number: int) -> bool:
    release = _read(services, removal.layout.get_s3path_released(number))
    return release is not None and not release.is_canceled


def _read(services: AwsServices, location: S3Location) -> Release | None:
    metadata = read_object_metadata(services, location)
    return None if metadata is None else Release.from_metadata(metadata)


def _write(services: AwsServices, location: S3Location, release: Release) -> None:
    put_object(services, location, b"", metadata=release.metadata)
