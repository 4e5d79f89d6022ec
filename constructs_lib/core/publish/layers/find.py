"""Step 2 of a publication: find the live version that already is what should be live.

Lambda decides: its list names the build and the owner of each version, and `GetLayerVersion` the hash of its bytes. A record
in S3 is asked only whether other bytes were built from the same inputs, and only beside the mark that says so too.

Of several equal versions the oldest one is chosen. So two deliveries of one event choose the same one, and a younger
version that its publisher is about to withdraw is chosen by nobody.
"""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from constructs_lib.core.publish.aws.side_by_side import side_by_side
from constructs_lib.core.publish.layers.live_versions import get_live_version
from constructs_lib.core.publish.layers.version_records import read_record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layers.layer_spec import LayerSpec
    from constructs_lib.core.publish.layers.live_versions import LiveVersion, VerifiedVersion

LOOKS = 20
"""Versions of another build, or without a mark, whose bytes are compared, the newest first."""


def find_same(
    services: AwsServices, spec: LayerSpec, versions: Sequence[LiveVersion], current_id: str = ""
) -> VerifiedVersion | None:
    """Find the layer of `spec` among live versions, given the newest first; nothing is written.

    The current version is asked first, then those whose mark names the same build, then the bytes of the newest others:
    other inputs may have been built into the same bytes, and versions of earlier releases have no mark.
    """
    fitting = [
        version
        for version in versions
        if version.attributes.digest == spec.attributes.digest
        and spec.may_use(version.mark, is_current=version.arn == current_id)
    ]
    for versions_at_once in _in_order(spec, fitting, current_id, services.threads):
        looks = [
            partial(get_live_version, services, spec.layer_name, version.number)
            for version in versions_at_once
        ]
        for live in side_by_side(services, looks):
            if live is not None and _is_same(services, spec, live):
                return live
    return None


def find_twins(
    services: AwsServices, spec: LayerSpec, versions: Sequence[LiveVersion], live: VerifiedVersion
) -> list[VerifiedVersion]:
    """Find versions with the mark, the attributes and the bytes of `live`, the oldest first."""
    alike = (version for version in reversed(versions) if _is_marked_alike(version, live.version))
    twins = (get_live_version(services, spec.layer_name, version.number) for version in islice(alike, LOOKS))
    return [twin for twin in twins if twin is not None and twin.layer_sha256 == live.layer_sha256]


def find_leftovers(
    services: AwsServices,
    spec: LayerSpec,
    versions: Sequence[LiveVersion],
    live: VerifiedVersion,
    current_id: str,
) -> list[LiveVersion]:
    """Find younger twins of a version that only this owner may delete and that no answer has named.

    A delivery that ran at the same time died before it withdrew its own version, or a lost publish took effect after
    all. Nobody chooses them while the older one is live, so they have no record either.
    """
    if not spec.is_owned(live.version.mark) or live.version.mark != spec.mark:
        return []
    if live.layer_sha256 != spec.layer_sha256:
        return []
    younger = [
        version for version in versions if version.number > live.version.number and version.arn != current_id
    ]
    return [
        twin.version
        for twin in find_twins(services, spec, younger, live)
        if read_record(services, spec.record_location(twin.version.number)) is None
    ]


def _in_order(
    spec: LayerSpec, fitting: Sequence[LiveVersion], current_id: str, threads: int
) -> Iterator[Sequence[LiveVersion]]:
    """Yield the versions to look at, a bounded number of them.

    Those that are likely the same come alone, the others as many at once as there are threads.
    """
    current = [version for version in fitting if version.arn == current_id]
    alike = [
        version
        for version in reversed(fitting)
        if version.mark.build == spec.mark.build and version.arn != current_id
    ]
    # A version of the owner's own goes before one that nobody may delete.
    alike.sort(key=lambda version: version.mark.owner == "")
    for version in (*current, *islice(alike, LOOKS)):
        yield [version]
    eldest = {version.mark: version.number for version in fitting}
    others = [
        version
        for version in fitting
        if version.mark.build != spec.mark.build
        and version.arn != current_id
        and (not version.mark.build or eldest[version.mark] == version.number)
    ][:LOOKS]
    for start in range(0, len(others), threads):
        yield others[start : start + threads]


def _is_marked_alike(version: LiveVersion, other: LiveVersion) -> bool:
    return (
        version.mark.build != ""
        and version.mark == other.mark
        and version.attributes.digest == other.attributes.digest
    )


def _is_same(services: AwsServices, spec: LayerSpec, live: VerifiedVersion) -> bool:
    """Return whether the version has the bytes of `spec`, or other bytes that were built from the same inputs.

    A mark comes into being before the bytes are checked, and a version with wrong ones is withdrawn. So where mark and
    bytes do not both name the layer, a record has to agree with Lambda: it is written after the check.
    """
    build, has_same_bytes = live.version.mark.build, live.layer_sha256 == spec.layer_sha256
    if has_same_bytes and build in {"", spec.mark.build}:
        return True
    if not has_same_bytes and (build != spec.mark.build or not spec.fingerprint):
        return False
    record = read_record(services, spec.record_location(live.version.number))
    if record is None or not record.agrees(live):
        return False
    return has_same_bytes or record.fingerprint == spec.fingerprint
