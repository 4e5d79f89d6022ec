"""`plan` and `publish`: what would happen, and letting it happen."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from constructs_lib.cli.options import (
    as_json,
    attribute_options,
    aws_options,
    build_options,
    entry,
    layer_options,
    s3_option,
)
from constructs_lib.core.deploy.deployment import deploy_layer, deploy_source, plan_layer
from constructs_lib.core.publish.inventory import choose_surplus, list_published, remove_published

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
    from constructs_lib.core.publish.layout import S3Location

SOMETHING_TO_DO = 3
"""Exit code of `plan --exit-code`."""

_keep = click.option(
    "--keep",
    type=click.IntRange(min=1),
    metavar="N",
    help="Afterwards delete old versions, all but the newest N and what is in use; see prune.",
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
    """Say what publish with the same options would do.

    And why: which distributions, runtime, architecture or text differ. It builds, and changes nothing in AWS.
    """
    made = plan_layer(
        build.entry, build.target, progress=screen.progress, **build.keywords, **layer.keywords, **attributes
    )
    with layer.services() as services:
        surplus = _surplus(services, layer, keep, coming=0 if made.unchanged else 1)
    document = {
        "layer_name": layer.name,
        "unchanged": made.unchanged,
        "layer_version_arn": made.deployment.layer_version_arn if made.deployment else None,
        "reasons": list(made.reasons),
        "deletes": [version.live.arn for version in surplus],
    }
    screen.show(document, lambda: "\n".join(_told(made, surplus)), as_json=as_json)
    if exit_code and (surplus or not made.unchanged):
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
    done = deploy_layer(
        build.entry, build.target, progress=screen.progress, **build.keywords, **layer.keywords, **attributes
    )
    with layer.services() as services:
        surplus = _surplus(services, layer, keep)
        remove_published(services, surplus)
    document = {
        "layer_name": done.layer_name,
        "layer_version": done.layer_version,
        "layer_version_arn": done.layer_version_arn,
        "manifest": done.s3path_manifest.uri,
        "is_new": done.is_new,
        "deleted": [version.live.arn for version in surplus],
    }
    screen.show(document, lambda: done.layer_version_arn, as_json=as_json)


@click.command()
@entry
@s3_option
@aws_options
@click.option(
    "--include", multiple=True, help="A .gitignore pattern of files to take; repeatable. Default: all files."
)
@click.option("--exclude", multiple=True, help="A .gitignore pattern of files to leave out; repeatable.")
@as_json
@click.pass_obj
def publish_source(
    screen: Screen,
    entry: Path,
    s3: S3Location,
    clients: Clients,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Build PROJECT's source zip and lay it out in S3.

    Without its dependencies, and unless the same zip lies there already; its address is printed either way.
    """
    done = deploy_source(
        entry,
        s3dir_lambda=s3,
        s3_client=clients.s3,
        include=include or None,
        exclude=exclude or None,
        progress=screen.progress,
    )
    uri = done.s3path_source_zip.uri
    screen.show({"s3_uri": uri, "source_sha256": done.source_sha256}, lambda: uri, as_json=as_json)


def _surplus(
    services: AwsServices, layer: Layer, keep: int | None, coming: int = 0
) -> list[PublishedVersion]:
    if keep is None:
        return []
    return choose_surplus(list_published(services, layer.name, layer.s3dir_lambda), keep, coming)


def _told(made: Plan, surplus: list[PublishedVersion]) -> Iterator[str]:
    if made.deployment:
        yield f"{'nothing to publish' if surplus else 'nothing to do'}: {made.deployment.layer_version_arn} is the same"
    else:
        yield f"would publish a new version of {made.layer_name}:"
        yield from (f"  {reason}" for reason in made.reasons)
    yield from (f"would delete {version.live.arn}" for version in surplus)
