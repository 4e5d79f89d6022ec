"""Step 2: find a live version that is the same as what is wanted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from constructs_lib.core.publish.live import get_live_version
from constructs_lib.core.publish.model import LayerDeployment, code_sha256
from constructs_lib.core.publish.objects import AssetUnavailableError
from constructs_lib.core.publish.records import Record, read_record, write_record
from constructs_lib.core.publish.staging import read_manifest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs_lib.core.publish.layout import S3Location
    from constructs_lib.core.publish.live import LiveVersion
    from constructs_lib.core.publish.model import WantedLayer
    from constructs_lib.core.publish.tools import Tools


def find_same(
    tools: Tools,
    wanted: WantedLayer,
    versions: Sequence[LiveVersion],
    current_id: str = "",
    *,
    only_look: bool = False,
) -> LayerDeployment | None:
    """Find the wanted layer among live versions, given the newest first.

    The current version is asked first, then the recorded ones from the newest down, then those without
    a record from the oldest up: when an event is delivered twice at a time, both deliveries then choose
    the first of their two versions, and the other can be withdrawn. No asset is read unless a version
    without a record is adopted. `only_look` writes no record for such a version.
    """
    current = [version for version in versions if version.arn == current_id]
    others = [version for version in versions if version.arn != current_id]
    unrecorded = []
    for version in [*current, *others]:
        record = read_record(tools, record_location(wanted, version.number))
        if record is None:
            unrecorded.append(version)
        elif _fits(record, wanted, version):
            return deployment(wanted, version, record, is_new=False)
    for version in sorted(unrecorded, key=lambda version: (version.arn != current_id, version.number)):
        if not _has_wanted_bytes(tools, wanted, version):
            continue
        if only_look:
            return deployment(wanted, version, Record.of(wanted, version.arn), is_new=False)
        if adopted := _adopt(tools, wanted, version, current_id):
            return adopted
    return None


def find_doubles(
    tools: Tools, wanted: WantedLayer, versions: Sequence[LiveVersion], same: LayerDeployment, current_id: str
) -> list[LiveVersion]:
    """Find later versions like `same` that only this owner may delete and that nobody was told of.

    A delivery that ran at the same time died before it withdrew its own version, or a lost publish took
    effect after all. Nothing else publishes the same bytes again beside a marked version of the same owner;
    beside an unmarked one, or other bytes, the later version may be in use under another prefix.
    """
    kept = next((version for version in versions if version.number == same.layer_version), None)
    if not wanted.mark or kept is None or kept.mark != wanted.mark:
        return []
    if same.layer_sha256 != wanted.layer_sha256:
        return []
    return [
        version
        for version in versions
        if version.number > same.layer_version
        and version.arn != current_id
        and version.mark == wanted.mark
        and _has_wanted_bytes(tools, wanted, version)
        and _is_unrecorded(tools, wanted, version)
    ]


def _is_unrecorded(tools: Tools, wanted: WantedLayer, version: LiveVersion) -> bool:
    record = read_record(tools, record_location(wanted, version.number))
    return record is None or record.is_claim


def record_location(wanted: WantedLayer, number: int) -> S3Location:
    """Where the record of one version lies."""
    return wanted.layout.get_s3path_layer_manifest(number, wanted.manifest_name)


def deployment(wanted: WantedLayer, version: LiveVersion, record: Record, *, is_new: bool) -> LayerDeployment:
    """Say that `version`, which `record` describes, is what was wanted."""
    return LayerDeployment(
        layer_name=wanted.layer_name,
        layer_version=version.number,
        layer_version_arn=version.arn,
        s3path_manifest=record_location(wanted, version.number),
        is_new=is_new,
        layer_sha256=record.layer_sha256,
    )


def _fits(record: Record, wanted: WantedLayer, version: LiveVersion) -> bool:
    return record.describes(version) and record.is_same(wanted) and record.may_be_reused(wanted)


def _has_wanted_bytes(tools: Tools, wanted: WantedLayer, version: LiveVersion) -> bool:
    """The version is ours or nobody's, and has the wanted attributes and bytes."""
    if not wanted.may_adopt(version.mark) or version.attributes.digest != wanted.attributes.digest:
        return False
    found = get_live_version(tools, wanted.layer_name, version.number)
    return found is not None and found[1] == code_sha256(wanted.layer_sha256)


def _adopt(
    tools: Tools, wanted: WantedLayer, version: LiveVersion, current_id: str
) -> LayerDeployment | None:
    """Write the record that a crash, or a publisher outside this prefix, left out; None when it is taken.

    A version without our mark was published by somebody else, who may count on it: it is kept for ever.
    """
    record = Record.of(wanted, version.arn)
    if version.mark != wanted.mark:
        record = replace(record, removal_policy="retain")
    try:
        manifest = read_manifest(tools, wanted)
    except AssetUnavailableError as error:
        if wanted.removal_policy == "retain-except-on-create" and not current_id:
            return None  # it was there before, and nothing would say so when this Create is rolled back
        tools.log(f"adopted {version.arn} without a record: {error}")
        return deployment(wanted, version, record, is_new=False)
    standing = write_record(tools, record_location(wanted, version.number), record, manifest)
    if not _fits(standing, wanted, version):
        return None
    tools.log(f"adopted {version.arn}, which had no record")
    return deployment(wanted, version, standing, is_new=False)
