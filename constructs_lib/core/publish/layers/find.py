"""Step 2 of a publication: find the live version that already is what should be live."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from constructs_lib.core.log import log
from constructs_lib.core.publish.aws.s3_objects import AssetUnavailableError
from constructs_lib.core.publish.layers.layer_deployment import LayerDeployment
from constructs_lib.core.publish.layers.live_versions import get_live_version
from constructs_lib.core.publish.layers.stage import read_manifest
from constructs_lib.core.publish.layers.version_records import Record, read_record, write_record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layers.layer_spec import LayerSpec
    from constructs_lib.core.publish.layers.live_versions import LiveVersion


def find_same(
    services: AwsServices,
    spec: LayerSpec,
    versions: Sequence[LiveVersion],
    current_id: str = "",
    *,
    read_only: bool = False,
) -> LayerDeployment | None:
    """Find the layer of `spec` among live versions, given the newest first.

    The current version is asked first, then the recorded ones from the newest down, then those without a record from
    the oldest up: when an event is delivered twice at a time, both deliveries then choose the first of their two versions,
    and the other can be withdrawn. No asset is read unless a version without a record is adopted. `read_only` writes no
    record for such a version.
    """
    current = [version for version in versions if version.arn == current_id]
    others = [version for version in versions if version.arn != current_id]
    unrecorded = []
    for version in [*current, *others]:
        record = read_record(services, spec.record_location(version.number))
        if record is None:
            unrecorded.append(version)
        elif _fits(record, spec, version):
            return LayerDeployment.of(spec, version, record, is_new=False)
    for version in sorted(unrecorded, key=lambda version: (version.arn != current_id, version.number)):
        if not _has_same_bytes(services, spec, version):
            continue
        if read_only:
            return LayerDeployment.of(spec, version, Record.of(spec, version.arn), is_new=False)
        if adopted := _adopt(services, spec, version, current_id):
            return adopted
    return None


def find_duplicates(
    services: AwsServices,
    spec: LayerSpec,
    versions: Sequence[LiveVersion],
    same: LayerDeployment,
    current_id: str,
) -> list[LiveVersion]:
    """Find later versions like `same` that only this owner may delete and that no answer has named.

    A delivery that ran at the same time died before it withdrew its own version, or a lost publish took effect after
    all. Nothing else publishes the same bytes again after a marked version of the same owner; after an unmarked one, or
    other bytes, the later version may be in use under another prefix.
    """
    chosen = next((version for version in versions if version.number == same.layer_version), None)
    if not spec.mark or chosen is None or chosen.mark != spec.mark:
        return []
    if same.layer_sha256 != spec.layer_sha256:
        return []
    return [
        version
        for version in versions
        if version.number > same.layer_version
        and version.arn != current_id
        and version.mark == spec.mark
        and _has_same_bytes(services, spec, version)
        and _is_unrecorded(services, spec, version)
    ]


def _is_unrecorded(services: AwsServices, spec: LayerSpec, version: LiveVersion) -> bool:
    record = read_record(services, spec.record_location(version.number))
    return record is None or record.is_claim


def _fits(record: Record, spec: LayerSpec, version: LiveVersion) -> bool:
    """Return whether the recorded version can stand for `spec`."""
    return record.describes(version) and record.is_same(spec) and record.may_be_reused(spec)


def _has_same_bytes(services: AwsServices, spec: LayerSpec, version: LiveVersion) -> bool:
    """Return whether the version may be adopted and has the attributes and bytes of `spec`."""
    if not spec.may_adopt(version.mark) or version.attributes.digest != spec.attributes.digest:
        return False
    live = get_live_version(services, spec.layer_name, version.number)
    return live is not None and live[1] == spec.code_sha256


def _adopt(
    services: AwsServices, spec: LayerSpec, version: LiveVersion, current_id: str
) -> LayerDeployment | None:
    """Write the record that a crash, or a publisher outside this prefix, left out; None when another one is there.

    The publisher of a version without this mark may count on it, so such a version is retained.
    """
    record = Record.of(spec, version.arn)
    if version.mark != spec.mark:
        record = replace(record, removal_policy="retain")
    try:
        manifest = read_manifest(services, spec)
    except AssetUnavailableError as error:
        if spec.removal_policy == "retain-except-on-create" and not current_id:
            # It existed before this Create; without a record the rollback of the Create would delete it.
            return None
        log.info("adopted %s without a record: %s", version.arn, error)
        return LayerDeployment.of(spec, version, record, is_new=False)
    existing = write_record(services, spec.record_location(version.number), record, manifest)
    if not _fits(existing, spec, version):
        return None
    log.info("adopted %s, which had no record", version.arn)
    return LayerDeployment.of(spec, version, existing, is_new=False)
