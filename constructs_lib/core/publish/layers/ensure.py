"""The recipe of Create and Update: afterwards a live version is what the specification says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from constructs_lib.core.errors import PublishError
from constructs_lib.core.log import log
from constructs_lib.core.publish.aws.aws_errors import AwsError, insist
from constructs_lib.core.publish.aws.s3_objects import AssetUnavailableError
from constructs_lib.core.publish.layers.find import find_leftovers, find_same, find_twins
from constructs_lib.core.publish.layers.layer_deployment import LayerDeployment
from constructs_lib.core.publish.layers.layer_spec import code_sha256
from constructs_lib.core.publish.layers.live_versions import delete_version, list_live_versions
from constructs_lib.core.publish.layers.publish_version import publish_version
from constructs_lib.core.publish.layers.reader_files import write_reader_files
from constructs_lib.core.publish.layers.release import cancel_release
from constructs_lib.core.publish.layers.stage import stage_layer
from constructs_lib.core.publish.layers.version_records import keep_record, write_record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layers.layer_spec import LayerSpec
    from constructs_lib.core.publish.layers.live_versions import LiveVersion, VerifiedVersion
    from constructs_lib.core.publish.layers.stage import StagedLayer

_UNKNOWN_OUTCOMES = 5
"""Calls of PublishLayerVersion without a clear answer before the last error is raised."""


def _reason(layer_name: str, versions: int) -> str:
    """Return why there is something to publish."""
    if versions == 0:
        return f"first: {layer_name} has no live version"
    if versions == 1:
        return f"changed: the live version of {layer_name} is another one"
    return f"changed: none of the {versions} live versions of {layer_name} is the same"


def ensure_layer(
    services: AwsServices, spec: LayerSpec, current_id: str = "", upload: Callable[[], object] | None = None
) -> LayerDeployment:
    """Return the live version that is what `spec` says, or publish one.

    `upload` puts the zip in its place; it is called only if there is no such version. After a crash at any point a
    repeated call ends with exactly one version for this owner.
    """
    versions = list_live_versions(services, spec.layer_name)
    same = find_same(services, spec, versions, current_id)
    if same is None:
        log.info("%s", _reason(spec.layer_name, len(versions)))
        if upload is not None:
            upload()
        staged = stage_layer(services, spec)
        earlier = frozenset(version.number for version in versions)
        deployment, manifest = _Publication(services, spec, staged, earlier).run(), staged.manifest
    else:
        log.info("unchanged: %s is the same", same.version.arn)
        if same.version.mark.owner:
            # Only a version with an owner can have been released, whatever the policy has become since.
            cancel_release(services, spec.layout.get_s3path_released(same.version.number))
        _withdraw_leftovers(services, spec, versions, same, current_id)
        deployment, manifest = _keep(services, spec, same, is_create=not current_id), None
    return replace(deployment, s3path_sbom=write_reader_files(services, spec, deployment, manifest))


def _keep(
    services: AwsServices, spec: LayerSpec, live: VerifiedVersion, *, is_create: bool
) -> LayerDeployment:
    """Answer with a version that was live before: its record is made good where it can be.

    A Create that CloudFormation may undo has to take the owner's right to delete the version first.
    """
    deployment = LayerDeployment.of(spec, live, is_new=False)
    retain = spec.removal_policy == "retain-except-on-create" and live.version.mark.owner != ""
    try:
        insist(services.clock, lambda: keep_record(services, spec, live, retain=retain))
    except AssetUnavailableError as error:
        if retain and is_create:
            raise
        log.warning("%s has no record: %s", live.version.arn, error)
        return replace(deployment, is_recorded=False)
    except PublishError as error:
        # What a policy that has not spread yet denies is tried again by the handler.
        if retain or (isinstance(error, AwsError) and error.denied):
            raise
        log.warning("%s has no record: %s", live.version.arn, error)
        return replace(deployment, is_recorded=False)
    return deployment


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
                live = publish_version(self.services, self.spec, self.staged)
            except AwsError as error:
                attempt += 1
                if not error.outcome_unknown or attempt == _UNKNOWN_OUTCOMES:
                    raise
                log.info("looking whether it was published: %s", error)
                if not self.services.clock.back_off(attempt):
                    raise
                new = self._list_new()
                same = find_same(self.services, self.spec, new)
                if same is not None:
                    _withdraw_leftovers(self.services, self.spec, new, same)
                    self.services.on_published(same.version.arn)
                    return self._record(same)
            else:
                self.services.on_published(live.version.arn)
                log.info("published %s", live.version.arn)
                return self._verify(live)

    def _list_new(self) -> list[LiveVersion]:
        """List the versions that appeared after the first look."""
        versions = list_live_versions(self.services, self.spec.layer_name)
        return [version for version in versions if version.number not in self.earlier]

    def _verify(self, live: VerifiedVersion) -> LayerDeployment:
        """Verify and record a version that is seconds old and that no answer has named yet."""
        if live.layer_sha256 != self.spec.layer_sha256:
            _withdraw(self.services, live.version)
            asset, actual = self.spec.zip_asset, live.layer_sha256
            raise PublishError(
                "published-other-bytes",
                f"{live.version.arn} was published with CodeSha256 {code_sha256(actual) if actual else 'missing'}, "
                f"the zip that was built has {self.spec.code_sha256}: {self.staged.location.uri} was overwritten; "
                "deploy again"
                + (f", and if that ends in the same, delete {asset.uri} first" if asset else ""),
            )
        # The same event delivered twice at a time, or a publish that took effect after its time-out.
        older = [version for version in self._list_new() if version.number < live.version.number]
        twins = find_twins(self.services, self.spec, older, live)
        if twins:
            _withdraw(self.services, live.version)
            return self._record(twins[0])
        return self._record(live)

    def _record(self, live: VerifiedVersion) -> LayerDeployment:
        """Write the version's record; refuse a place where that of another layer stands.

        The version stays then: another delivery may have found it by its mark, and answered.
        """
        write_record(self.services, self.spec, live, self.staged.manifest)
        return LayerDeployment.of(self.spec, live, is_new=True)


def _withdraw_leftovers(
    services: AwsServices,
    spec: LayerSpec,
    versions: Sequence[LiveVersion],
    same: VerifiedVersion,
    current_id: str = "",
) -> None:
    for leftover in find_leftovers(services, spec, versions, same, current_id):
        _withdraw(services, leftover)


def _withdraw(services: AwsServices, version: LiveVersion) -> None:
    """Delete a version that no answer has named; one that stays is better than a failed deployment."""
    try:
        delete_version(services, version.layer_name, version.number)
    except AwsError as error:
        log.warning("left over: %s: %s", version.arn, error)
    else:
        log.info("withdrew %s", version.arn)
