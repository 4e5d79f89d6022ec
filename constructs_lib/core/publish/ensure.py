"""The recipe of Create and Update: afterwards a live version is what was wanted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.aws_errors import AwsError
from constructs_lib.core.publish.live import delete_version, list_live_versions
from constructs_lib.core.publish.model import code_sha256
from constructs_lib.core.publish.prune import take_back
from constructs_lib.core.publish.publish_version import publish_version
from constructs_lib.core.publish.records import (
    Record,
    claim_unrecorded,
    keep_for_ever,
    write_last_manifest,
    write_record,
)
from constructs_lib.core.publish.reuse import deployment, find_doubles, find_same, record_location
from constructs_lib.core.publish.sbom import keep_sbom
from constructs_lib.core.publish.staging import stage_layer

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_lib.core.publish.live import LiveVersion
    from constructs_lib.core.publish.model import LayerDeployment, WantedLayer
    from constructs_lib.core.publish.staging import StagedLayer
    from constructs_lib.core.publish.tools import Tools

_UNKNOWN_OUTCOMES = 5


def ensure_layer(
    tools: Tools, wanted: WantedLayer, current_id: str = "", upload: Callable[[], object] | None = None
) -> LayerDeployment:
    """Return the same live version, or publish one.

    `upload` brings the zip to its place; it is called only if there is no such version.
    Whatever crashes on the way, calling it again ends with exactly one version for this owner.
    """
    done = _find_or_publish(tools, wanted, current_id, upload)
    if wanted.removal_policy == "retain-except-on-create" and not done.is_new:
        keep_for_ever(tools, done.s3path_manifest)
    keep_sbom(tools, wanted, done.layer_version)
    return done


def _find_or_publish(
    tools: Tools, wanted: WantedLayer, current_id: str, upload: Callable[[], object] | None
) -> LayerDeployment:
    live = list_live_versions(tools, wanted.layer_name)
    same = find_same(tools, wanted, live, current_id)
    if same is not None:
        # Only a marked version can have been released, whatever the policy has become since.
        if any(version.number == same.layer_version and version.mark for version in live):
            take_back(tools, wanted.layout.get_s3dir_layer_version(same.layer_version))
        _withdraw_doubles(tools, wanted, live, same, current_id)
        tools.log(f"unchanged: {same.layer_version_arn} is the same")
        return same
    tools.log(f"changed: none of {len(live)} live version(s) of {wanted.layer_name} is the same")
    if upload is not None:
        upload()
    staged = stage_layer(tools, wanted)
    return _publish_once(tools, wanted, staged, frozenset(version.number for version in live))


def _publish_once(
    tools: Tools, wanted: WantedLayer, staged: StagedLayer, judged: frozenset[int]
) -> LayerDeployment:
    """Publish; when the outcome is unknown look again before trying again."""
    attempt = 0
    while True:
        try:
            version, sha256 = publish_version(tools, wanted, staged)
        except AwsError as error:
            attempt += 1
            if not error.outcome_unknown or attempt == _UNKNOWN_OUTCOMES:
                raise
            tools.log(f"looking whether it was published: {error}")
            if not tools.clock.back_off(attempt):
                raise
            found = _find_new(tools, wanted, judged)
            if found is not None:
                tools.on_published(found.layer_version_arn)
                return replace(found, is_new=True)
        else:
            tools.on_published(version.arn)
            tools.log(f"published {version.arn}")
            return _settle(tools, wanted, staged, version, sha256, judged)


def _find_new(
    tools: Tools, wanted: WantedLayer, judged: frozenset[int], before: float = float("inf")
) -> LayerDeployment | None:
    """Find the same among the versions that came after the first look and have a smaller number."""
    live = list_live_versions(tools, wanted.layer_name)
    new = [version for version in live if version.number not in judged and version.number < before]
    found = find_same(tools, wanted, new)
    if found is not None:
        _withdraw_doubles(tools, wanted, new, found)
    return found


def _withdraw_doubles(
    tools: Tools, wanted: WantedLayer, live: list[LiveVersion], same: LayerDeployment, current_id: str = ""
) -> None:
    for double in find_doubles(tools, wanted, live, same, current_id):
        try:
            _withdraw_unknown(tools, wanted, double)
        except AwsError as error:
            tools.log(f"left over: {double.arn}: {error}")


def _settle(
    tools: Tools,
    wanted: WantedLayer,
    staged: StagedLayer,
    version: LiveVersion,
    sha256: str,
    judged: frozenset[int],
) -> LayerDeployment:
    """Verify and record a version that is seconds old; nobody has heard of it yet."""
    if sha256 != code_sha256(wanted.layer_sha256):
        _withdraw(tools, version)
        asset = wanted.zip_asset
        raise PublishError(
            f"{version.arn} was published with CodeSha256 {sha256 or 'missing'}, the zip that was built has "
            f"{code_sha256(wanted.layer_sha256)}: {staged.location.uri} was overwritten; deploy again"
            + (f", and if that ends in the same, delete {asset.uri} first" if asset else "")
        )
    # The same event delivered twice at a time, or a publish that took effect after its time-out.
    earlier = _find_new(tools, wanted, judged, before=version.number)
    if earlier is not None and _withdraw_unknown(tools, wanted, version):
        return replace(earlier, is_new=True)
    return _record(tools, wanted, staged, version)


def _record(tools: Tools, wanted: WantedLayer, staged: StagedLayer, version: LiveVersion) -> LayerDeployment:
    location = record_location(wanted, version.number)
    standing = write_record(tools, location, Record.of(wanted, version.arn), staged.manifest)
    if not standing.describes(version):
        _withdraw(tools, version)
        raise PublishError(
            f"{location.uri} is the record of {standing.layer_version_arn or 'something else'}, "
            f"not of {version.arn}: prefix shared with another account, region or layer; "
            f"give every layer a prefix of its own"
        )
    if not (standing.is_same(wanted) and standing.may_be_reused(wanted)):
        raise PublishError(
            f"{location.uri} was written by another owner while {version.arn} was published: deploy again"
        )
    write_last_manifest(tools, wanted, staged.manifest)
    return deployment(wanted, version, standing, is_new=True)


def _withdraw_unknown(tools: Tools, wanted: WantedLayer, version: LiveVersion) -> bool:
    """Withdraw a version unless another delivery has recorded, and perhaps answered, it."""
    if not claim_unrecorded(tools, record_location(wanted, version.number)):
        return False
    _withdraw(tools, version)
    return True


def _withdraw(tools: Tools, version: LiveVersion) -> None:
    """Delete a version that was published a moment ago; better left over than failing over it."""
    try:
        delete_version(tools, version.layer_name, version.number)
    except AwsError as error:
        tools.log(f"left over: {version.arn}: {error}")
    else:
        tools.log(f"withdrew {version.arn}")
