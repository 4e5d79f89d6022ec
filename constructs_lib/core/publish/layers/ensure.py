"""The recipe of Create and Update: afterwards a live version is what the specification says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from constructs_lib.core.errors import PublishError
from constructs_lib.core.log import log
from constructs_lib.core.publish.aws.aws_errors import AwsError
from constructs_lib.core.publish.layers.find import find_duplicates, find_same
from constructs_lib.core.publish.layers.layer_deployment import LayerDeployment
from constructs_lib.core.publish.layers.live_versions import delete_version, list_live_versions
from constructs_lib.core.publish.layers.publish_version import publish_version
from constructs_lib.core.publish.layers.reader_files import write_last_manifest, write_sbom
from constructs_lib.core.publish.layers.release import cancel_release
from constructs_lib.core.publish.layers.stage import stage_layer
from constructs_lib.core.publish.layers.version_records import (
    Record,
    claim_unrecorded,
    retain_recorded,
    write_record,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layers.layer_spec import LayerSpec
    from constructs_lib.core.publish.layers.live_versions import LiveVersion
    from constructs_lib.core.publish.layers.stage import StagedLayer

_UNKNOWN_OUTCOMES = 5
"""Calls of PublishLayerVersion without a clear answer before the last error is raised."""


def ensure_layer(
    services: AwsServices, spec: LayerSpec, current_id: str = "", upload: Callable[[], object] | None = None
) -> LayerDeployment:
    """Return the live version that is what `spec` says, or publish one.

    `upload` puts the zip in its place; it is called only if there is no such version. After a crash at any point a
    repeated call ends with exactly one version for this owner.
    """
    deployment = _find_or_publish(services, spec, current_id, upload)
    if spec.removal_policy == "retain-except-on-create" and not deployment.is_new:
        retain_recorded(services, deployment.s3path_manifest)
    write_sbom(services, spec, deployment.layer_version)
    return deployment


def _find_or_publish(
    services: AwsServices, spec: LayerSpec, current_id: str, upload: Callable[[], object] | None
) -> LayerDeployment:
    live = list_live_versions(services, spec.layer_name)
    same = find_same(services, spec, live, current_id)
    if same is not None:
        # Only a marked version can have been released, whatever the policy has become since.
        if any(version.number == same.layer_version and version.mark for version in live):
            cancel_release(services, spec.layout.get_s3path_released(same.layer_version))
        _withdraw_duplicates(services, spec, live, same, current_id)
        log.info("unchanged: %s is the same", same.layer_version_arn)
        return same
    log.info("changed: none of %d live version(s) of %s is the same", len(live), spec.layer_name)
    if upload is not None:
        upload()
    staged = stage_layer(services, spec)
    earlier = frozenset(version.number for version in live)
    return _Publication(services, spec, staged, earlier).run()


@dataclass(frozen=True, slots=True)
class _Publication:
    """The publication of one staged layer. `earlier` are the versions that the first look has judged."""

    services: AwsServices
    spec: LayerSpec
    staged: StagedLayer
    earlier: frozenset[int]

    def run(self) -> LayerDeployment:
        """Publish; when the outcome is unknown look again before repeating the call."""
        attempt = 0
        while True:
            try:
                version, sha256 = publish_version(self.services, self.spec, self.staged)
            except AwsError as error:
                attempt += 1
                if not error.outcome_unknown or attempt == _UNKNOWN_OUTCOMES:
                    raise
                log.info("looking whether it was published: %s", error)
                if not self.services.clock.back_off(attempt):
                    raise
                same = self._find_new()
                if same is not None:
                    self.services.on_published(same.layer_version_arn)
                    return replace(same, is_new=True)
            else:
                self.services.on_published(version.arn)
                log.info("published %s", version.arn)
                return self._verify(version, sha256)

    def _find_new(self, before: float = float("inf")) -> LayerDeployment | None:
        """Find the same among the versions that appeared after the first look and have a smaller number."""
        live = list_live_versions(self.services, self.spec.layer_name)
        new = [version for version in live if version.number not in self.earlier and version.number < before]
        same = find_same(self.services, self.spec, new)
        if same is not None:
            _withdraw_duplicates(self.services, self.spec, new, same)
        return same

    def _verify(self, version: LiveVersion, sha256: str) -> LayerDeployment:
        """Verify and record a version that is seconds old and that no answer has named yet."""
        if sha256 != self.spec.code_sha256:
            _withdraw(self.services, version)
            asset = self.spec.zip_asset
            raise PublishError(
                "published-other-bytes",
                f"{version.arn} was published with CodeSha256 {sha256 or 'missing'}, the zip that was built has "
                f"{self.spec.code_sha256}: {self.staged.location.uri} was overwritten; deploy again"
                + (f", and if that ends in the same, delete {asset.uri} first" if asset else ""),
            )
        # The same event delivered twice at a time, or a publish that took effect after its time-out.
        same = self._find_new(before=version.number)
        if same is not None and _withdraw_unrecorded(self.services, self.spec, version):
            return replace(same, is_new=True)
        return self._record(version)

    def _record(self, version: LiveVersion) -> LayerDeployment:
        """Write the version's record; refuse one that another layer or owner has written."""
        location = self.spec.record_location(version.number)
        record = write_record(
            self.services, location, Record.of(self.spec, version.arn), self.staged.manifest
        )
        if not record.describes(version):
            _withdraw(self.services, version)
            raise PublishError(
                "prefix-shared",
                f"{location.uri} is the record of {record.layer_version_arn or 'something else'}, "
                f"not of {version.arn}: prefix shared with another account, region or layer; "
                f"give every layer a prefix of its own",
            )
        if not (record.is_same(self.spec) and record.may_be_reused(self.spec)):
            raise PublishError(
                "record-taken",
                f"{location.uri} was written by another owner while {version.arn} was published: deploy again",
            )
        write_last_manifest(self.services, self.spec, self.staged.manifest)
        return LayerDeployment.of(self.spec, version, record, is_new=True)


def _withdraw_duplicates(
    services: AwsServices,
    spec: LayerSpec,
    live: Sequence[LiveVersion],
    same: LayerDeployment,
    current_id: str = "",
) -> None:
    for duplicate in find_duplicates(services, spec, live, same, current_id):
        try:
            _withdraw_unrecorded(services, spec, duplicate)
        except AwsError as error:
            log.warning("left over: %s: %s", duplicate.arn, error)


def _withdraw_unrecorded(services: AwsServices, spec: LayerSpec, version: LiveVersion) -> bool:
    """Withdraw a version unless another delivery has recorded, and perhaps answered, it."""
    if not claim_unrecorded(services, spec.record_location(version.number)):
        return False
    _withdraw(services, version)
    return True


def _withdraw(services: AwsServices, version: LiveVersion) -> None:
    """Delete a version that was published a moment ago; one that stays is better than a failed deployment."""
    try:
        delete_version(services, version.layer_name, version.number)
    except AwsError as error:
        log.warning("left over: %s: %s", version.arn, error)
    else:
        log.info("withdrew %s", version.arn)
