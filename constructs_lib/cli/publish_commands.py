"""`plan`, `publish`, `publish-source` and `publish-function`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from constructs_lib.cli.options import (
    as_json,
    attribute_options,
    aws_options,
    bucket_owner_option,
    build_options,
    entry,
    file_options,
    layer_options,
    s3_option,
)
from constructs_lib.core.deploy.deployment import deploy_layer, deploy_source, plan_layer
from constructs_lib.core.deploy.function_zip import deploy_function
from constructs_lib.core.publish.inventory import find_surplus, remove_published
from constructs_lib.core.source.source_options import SourceOptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from constructs_lib.cli.aws import Clients
    from constructs_lib.cli.options import Build, Layer
    from constructs_lib.cli.screen import Screen
    from constructs_lib.core.deploy.plan import Plan
    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.inventory import PublishedVersion
    from constructs_lib.core.publish.layers.layer_spec import Compatibility
    from constructs_lib.core.publish.layout import S3Location

SOMETHING_TO_DO = 3
"""Exit code of `plan --exit-code`."""

_keep = click.option(
    "--keep",
    type=click.IntRange(min=1),
    metavar="N",
    help="Afterwards delete old versions, all but the newest N and those in use; see prune.",
)


@click.command()
@layer_options
@build_options
@attribute_options
@_keep
@click.option("--exit-code", is_flag=True, help=f"Leave with {SOMETHING_TO_DO} if there is something to do.")
@as_json
@click.pass_obj
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
    """Show what publish with the same options would do, and why.

    The reasons are the distributions, runtime, architecture or text that differ. It builds, and changes nothing in
    AWS.
    """
    proposal = plan_layer(
        build.entry, build.target, build.options, progress=screen.progress, **layer.keywords, **attributes
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


@click.command()
@layer_options
@build_options
@attribute_options
@_keep
@as_json
@click.pass_obj
def publish(
    screen: Screen, build: Build, layer: Layer, attributes: dict[str, Any], keep: int | None, *, as_json: bool
) -> None:
    """Build PROJECT's layer and publish it if it is new.

    Nothing is uploaded or published where a live version is the same; its ARN is printed either way.
    """
    deployment = deploy_layer(
        build.entry, build.target, build.options, progress=screen.progress, **layer.keywords, **attributes
    )
    with layer.services() as services:
        surplus = _surplus(services, layer, keep, deployment.layer_version_arn)
        remove_published(services, surplus)
    document = {
        "layer_name": deployment.layer_name,
        "layer_version": deployment.layer_version,
        "layer_version_arn": deployment.layer_version_arn,
        "manifest": deployment.s3path_manifest.uri,
        "is_new": deployment.is_new,
        "deleted": [version.live.arn for version in surplus],
    }
    screen.show(document, lambda: deployment.layer_version_arn, as_json=as_json)


@click.command()
@entry
@s3_option
@bucket_owner_option
@aws_options
@file_options
@as_json
@click.pass_obj
def publish_source(
    screen: Screen,
    entry: Path,
    s3: S3Location,
    bucket_owner: str,
    clients: Clients,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Build PROJECT's source zip and upload it.

    It holds no dependencies. Nothing is uploaded where the same zip is in its place already; its address is printed
    either way.
    """
    upload = deploy_source(
        entry,
        SourceOptions(include or None, exclude or None),
        s3dir_lambda=s3,
        s3_client=clients.s3,
        bucket_owner=bucket_owner,
        progress=screen.progress,
    )
    uri = upload.s3path_source_zip.uri
    screen.show({"s3_uri": uri, "source_sha256": upload.source_sha256}, lambda: uri, as_json=as_json)


@click.command()
@build_options
@file_options
@s3_option
@bucket_owner_option
@aws_options
@as_json
@click.pass_obj
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
    """Build PROJECT's function in one zip and upload it.

    Lock file and SBOM are put beside it. Nothing is uploaded where the same zip is in its place already; its address is
    printed either way.
    """
    upload = deploy_function(
        build.entry,
        build.target,
        build.function_options(include, exclude),
        s3dir_lambda=s3,
        s3_client=clients.s3,
        bucket_owner=bucket_owner,
        progress=screen.progress,
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
