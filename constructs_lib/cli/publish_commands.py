"""`plan`, `publish`, `publish-source` and `publish-function`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from constructs_lib.cli.values import credentials_of
from constructs_lib.cli.version_commands import confirm_deletion
from constructs_lib.core.deploy.deployment import deploy_layer, deploy_source, plan_layer
from constructs_lib.core.deploy.function_zip import deploy_function
from constructs_lib.core.publish.inventory import find_surplus, remove_published
from constructs_lib.core.source.source_options import SourceOptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from constructs_lib.cli.aws import Clients
    from constructs_lib.cli.screen import Screen
    from constructs_lib.cli.values import Build, Layer
    from constructs_lib.core.deploy.plan import Plan
    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.inventory import PublishedVersion
    from constructs_lib.core.publish.layers.layer_spec import Compatibility
    from constructs_lib.core.publish.layout import S3Location

SOMETHING_TO_DO = 3
"""Exit code of `plan --exit-code`."""


def plan(
    screen: Screen,
    build: Build,
    layer: Layer,
    attributes: dict[str, Any],
    keep: int | None,
    *,
    exit_code: bool,
    as_json: bool,
) -> None:
    """Show what `publish` would do; nothing in AWS is changed."""
    proposal = plan_layer(
        build.entry, build.target, build.options, **_manner(screen), **layer.keywords, **attributes
    )
    with layer.services() as services:
        planned = proposal.deployment.layer_version_arn if proposal.deployment else ""
        surplus = _surplus(services, layer, keep, planned, proposal.target)
    document = {
        "layer_name": layer.name,
        "unchanged": proposal.unchanged,
        "layer_version_arn": proposal.deployment.layer_version_arn if proposal.deployment else None,
        "reasons": list(proposal.reasons),
        "deletes": [version.live.arn for version in surplus],
    }
    screen.show(document, lambda: "\n".join(_lines(proposal, surplus)), as_json=as_json)
    if exit_code and (surplus or not proposal.unchanged):
        sys.exit(SOMETHING_TO_DO)


def publish(
    screen: Screen, build: Build, layer: Layer, attributes: dict[str, Any], keep: int | None, *, as_json: bool
) -> None:
    """Publish a layer unless a live version is the same."""
    deployment = deploy_layer(
        build.entry, build.target, build.options, **_manner(screen), **layer.keywords, **attributes
    )
    with layer.services() as services:
        surplus = _surplus(services, layer, keep, deployment.layer_version_arn)
        if surplus and not confirm_deletion(screen, surplus):
            surplus = []
        remove_published(services, surplus)
    for version in surplus:
        screen.note(f"deleted {version.live.arn}")
    document = {
        "layer_name": deployment.layer_name,
        "layer_version": deployment.layer_version,
        "layer_version_arn": deployment.layer_version_arn,
        "manifest": deployment.s3path_manifest.uri,
        "is_new": deployment.is_new,
        "deleted": [version.live.arn for version in surplus],
    }
    screen.show(document, lambda: deployment.layer_version_arn, as_json=as_json)


def publish_source(
    screen: Screen,
    entry: Path,
    s3: S3Location,
    bucket_owner: str,
    clients: Clients,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    credentials: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Upload a source zip unless it is in its place."""
    upload = deploy_source(
        entry,
        SourceOptions(include or None, exclude or None, credentials_of(entry, credentials)),
        s3dir_lambda=s3,
        s3_client=clients.s3,
        bucket_owner=bucket_owner,
        **_manner(screen),
    )
    uri = upload.s3path_source_zip.uri
    screen.show({"s3_uri": uri, "source_sha256": upload.source_sha256}, lambda: uri, as_json=as_json)


def publish_function(
    screen: Screen,
    build: Build,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    s3: S3Location,
    bucket_owner: str,
    clients: Clients,
    *,
    as_json: bool,
) -> None:
    """Upload a function's zip unless it is in its place."""
    upload = deploy_function(
        build.entry,
        build.target,
        build.function_options(include, exclude),
        s3dir_lambda=s3,
        s3_client=clients.s3,
        bucket_owner=bucket_owner,
        **_manner(screen),
    )
    uri = upload.s3path_function_zip.uri
    document = {
        "s3_uri": uri,
        "function_sha256": upload.function_sha256,
        "function_version": upload.function_version,
        "manifest": upload.s3path_manifest.uri if upload.s3path_manifest else None,
        "sbom": upload.s3path_sbom.uri if upload.s3path_sbom else None,
        "is_new": upload.is_new,
    }
    screen.show(document, lambda: uri, as_json=as_json)


def _manner(screen: Screen) -> dict[str, Any]:
    """Return the keywords about the manner of a deployment, the same for all products."""
    return {"store": screen.store, "strict": screen.strict, "progress": screen.progress}


def _surplus(
    services: AwsServices, layer: Layer, keep: int | None, answer: str, planned: Compatibility | None = None
) -> list[PublishedVersion]:
    if keep is None:
        return []
    return find_surplus(services, layer.name, layer.s3dir_lambda, keep, answer=answer, planned=planned)


def _lines(proposal: Plan, surplus: list[PublishedVersion]) -> Iterator[str]:
    if proposal.deployment:
        arn = proposal.deployment.layer_version_arn
        yield f"{'nothing to publish' if surplus else 'nothing to do'}: {arn} is the same"
    else:
        yield f"would publish a new version of {proposal.layer_name}:"
        yield from (f"  {reason}" for reason in proposal.reasons)
    yield from (f"would delete {version.live.arn}" for version in surplus)
