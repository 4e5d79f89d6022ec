"""The plan of a deployment: its effect and the reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.deploy.differences import attribute_changes, compare_with_build
from constructs_lib.core.publish.inventory import list_version_folder
from constructs_lib.core.publish.layers.find import LOOKS, find_same
from constructs_lib.core.publish.layers.layer_deployment import LayerDeployment
from constructs_lib.core.publish.layers.live_versions import list_live_versions
from constructs_lib.core.publish.layers.version_records import read_record
from constructs_lib.core.report.text import signed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from constructs_lib.core.layer.artifact import LayerArtifact
    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layers.layer_spec import Compatibility, LayerSpec
    from constructs_lib.core.publish.layers.live_versions import LiveVersion
    from constructs_lib.core.publish.layers.version_records import Record
    from constructs_lib.core.report.changes import Change


@dataclass(frozen=True)
class Plan:
    """The effect of `deploy_layer` with the same arguments, which never deletes a published version."""

    layer_name: str
    """The layer's name."""
    deployment: LayerDeployment | None
    """The live version that would be kept; None where a new one would be published."""
    reasons: tuple[str, ...]
    """The reasons for a new version, one line each, against the newest version of this layer with a record."""
    target: Compatibility = ((), ())
    """The runtimes and architectures of the version."""

    @property
    def unchanged(self) -> bool:
        """A live version is the same, so none would be published."""
        return self.deployment is not None


def make_plan(services: AwsServices, spec: LayerSpec, artifact: LayerArtifact) -> Plan:
    """Compare `spec` with the live versions; nothing is written."""
    live = list_live_versions(services, spec.layer_name)
    same, target = find_same(services, spec, live), spec.attributes.target
    if same is not None:
        return Plan(spec.layer_name, LayerDeployment.of(spec, same, is_new=False), (), target)
    return Plan(spec.layer_name, None, tuple(_reasons(services, spec, live, artifact)), target)


def _reasons(
    services: AwsServices, spec: LayerSpec, live: Sequence[LiveVersion], artifact: LayerArtifact
) -> Iterator[str]:
    """Yield the reasons for a new version."""
    if not live:
        yield f"layer {spec.layer_name} has no version"
        return
    newest = _newest_recorded(services, spec, live)
    if newest is None:
        yield (
            f"none of the {len(live)} versions of {spec.layer_name} has a record in {spec.s3dir_lambda.uri} "
            f"for {spec.manifest_name}, or the same bytes and attributes"
        )
        return
    version, record = newest
    reasons = [str(change) for change in attribute_changes(version.attributes, spec.attributes)]
    if not _has_same_content(version, record, spec):
        reasons += _content_changes(services, spec, version, artifact)
    elif not reasons and version.mark.owner:
        reasons.append(f"version {version.number} is the same, but a stack may delete it")
    elif not reasons:
        reasons.append(f"version {version.number} has other bytes, and its record does not agree with Lambda")
    for reason in reasons:
        yield f"{reason} (since version {version.number})"


def _newest_recorded(
    services: AwsServices, spec: LayerSpec, live: Sequence[LiveVersion]
) -> tuple[LiveVersion, Record] | None:
    for version in live[:LOOKS]:
        record = read_record(services, spec.record_location(version.number))
        if record is not None and record.describes(version):
            return version, record
    return None


def _has_same_content(version: LiveVersion, record: Record, spec: LayerSpec) -> bool:
    return version.mark.build == spec.mark.build or record.layer_sha256 == spec.layer_sha256


def _content_changes(
    services: AwsServices, spec: LayerSpec, version: LiveVersion, artifact: LayerArtifact
) -> list[str]:
    folder = list_version_folder(services, spec.s3dir_lambda, version.number)
    changes = compare_with_build(services, folder, artifact)
    return [_describe(change) for change in changes.rows] or [
        "the same distributions, other content: files of a path dependency, options, or this library's own version"
    ]


def _describe(change: Change) -> str:
    if change.kind == "added":
        return f"{change.name} {change.after} is added"
    if change.kind == "removed":
        return f"{change.name} {change.before} is removed"
    if change.before != change.after:
        return f"{change.name}: {change.before} → {change.after}"
    if change.other_wheel:
        return f"{change.name} {change.after} comes from another wheel"
    return f"{change.name} {change.after} has other files, {signed(change.unzipped)} unzipped"
