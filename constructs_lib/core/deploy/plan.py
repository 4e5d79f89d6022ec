"""What a deployment would do, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.deploy.differences import compare_with_build
from constructs_lib.core.publish.live import list_live_versions
from constructs_lib.core.publish.records import read_record
from constructs_lib.core.publish.reuse import find_same, record_location
from constructs_lib.core.publish.survey import list_beside
from constructs_lib.core.report.text import signed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from constructs_lib.core.layer.artifact import LayerArtifact
    from constructs_lib.core.publish.live import LiveVersion
    from constructs_lib.core.publish.model import LayerAttributes, LayerDeployment, WantedLayer
    from constructs_lib.core.publish.records import Record
    from constructs_lib.core.publish.tools import Tools
    from constructs_lib.core.report.changes import Change


@dataclass(frozen=True)
class Plan:
    """What `deploy_layer` would do. Published versions are never deleted by it."""

    layer_name: str
    deployment: LayerDeployment | None
    """The live version that would be kept; None where a new one would be published."""
    reasons: tuple[str, ...]
    """Why a new one: one line each, against the newest version of this layer with a record. Empty if none."""

    @property
    def unchanged(self) -> bool:
        return self.deployment is not None


def make_plan(tools: Tools, wanted: WantedLayer, artifact: LayerArtifact) -> Plan:
    """Look, and write nothing."""
    live = list_live_versions(tools, wanted.layer_name)
    same = find_same(tools, wanted, live, only_look=True)
    reasons = () if same else tuple(_reasons(tools, wanted, live, artifact))
    return Plan(wanted.layer_name, same, reasons)


def _reasons(
    tools: Tools, wanted: WantedLayer, live: Sequence[LiveVersion], artifact: LayerArtifact
) -> Iterator[str]:
    if not live:
        yield f"layer {wanted.layer_name} has no version"
        return
    found = _newest_recorded(tools, wanted, live)
    if found is None:
        yield (
            f"none of the {len(live)} versions of {wanted.layer_name} has a record in {wanted.s3dir_lambda.uri} "
            f"for {wanted.manifest_name}, or the same bytes and attributes"
        )
        return
    version, record = found
    reasons = [*_attribute_changes(version.attributes, wanted.attributes)]
    if record.is_same(wanted):
        reasons.append(f"version {version.number} is the same, but a stack may delete it")
    elif not _has_same_content(record, wanted):
        reasons += _content_changes(tools, wanted, version, artifact)
    for reason in reasons:
        yield f"{reason} (since version {version.number})"


def _newest_recorded(
    tools: Tools, wanted: WantedLayer, live: Sequence[LiveVersion]
) -> tuple[LiveVersion, Record] | None:
    for version in live:
        record = read_record(tools, record_location(wanted, version.number))
        if record is not None and record.describes(version):
            return version, record
    return None


def _has_same_content(record: Record, wanted: WantedLayer) -> bool:
    return record.fingerprint == wanted.fingerprint or record.layer_sha256 == wanted.layer_sha256


def _attribute_changes(old: LayerAttributes, new: LayerAttributes) -> Iterator[str]:
    for what, before, after in (
        ("runtimes", sorted(old.compatible_runtimes), sorted(new.compatible_runtimes)),
        ("architectures", sorted(old.compatible_architectures), sorted(new.compatible_architectures)),
    ):
        if before != after:
            yield f"{what}: {', '.join(before) or 'none'} → {', '.join(after) or 'none'}"
    for what, one, other in (
        ("description", old.description, new.description),
        ("licence", old.license_info, new.license_info),
    ):
        if one != other:
            yield f"{what}: {one!r} → {other!r}"


def _content_changes(
    tools: Tools, wanted: WantedLayer, version: LiveVersion, artifact: LayerArtifact
) -> list[str]:
    beside = list_beside(tools, wanted.s3dir_lambda, version.number)
    changes = compare_with_build(tools, beside, artifact)
    return [_told(change) for change in changes.rows] or [
        "the same distributions, other content: files of a path dependency, options, or this library's own version"
    ]


def _told(change: Change) -> str:
    if change.kind == "added":
        return f"{change.name} {change.after} is added"
    if change.kind == "removed":
        return f"{change.name} {change.before} is removed"
    if change.before != change.after:
        return f"{change.name}: {change.before} → {change.after}"
    if change.other_wheel:
        return f"{change.name} {change.after} comes from another wheel"
    return f"{change.name} {change.after} has other files, {signed(change.unzipped)} unzipped"
