"""`versions`, `diff` and `prune`: what is published."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
from rich.table import Table

from constructs_lib.core.cli.options import as_json, layer_options
from constructs_lib.core.cli.screen import describe_changes
from constructs_lib.core.errors import PublishError
from constructs_lib.core.progress import readable
from constructs_lib.core.publish.objects import read_asset
from constructs_lib.core.publish.survey import (
    PublishedVersion,
    choose_surplus,
    list_published,
    remove_published,
)
from constructs_lib.core.report import compare
from constructs_lib.core.report.text import changes_table
from constructs_lib.core.workflow.plan import read_lock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs_lib.core.cli.options import Layer
    from constructs_lib.core.cli.screen import Screen
    from constructs_lib.core.publish import Tools
    from constructs_lib.core.report import Changes


@click.command()
@layer_options
@as_json
@click.pass_obj
def versions(screen: Screen, layer: Layer, *, as_json: bool) -> None:
    """The live versions of a layer: lock file, size, age, and the functions that use them."""
    with layer.tools(screen.progress) as tools:
        found = list_published(tools, layer.name, layer.s3dir_lambda)
    document = {"layer_name": layer.name, "versions": [describe(version) for version in found]}
    screen.show(document, lambda: _table(found) if found else f"{layer.name} has no version", as_json=as_json)


@click.command()
@layer_options
@click.option(
    "--keep", type=click.IntRange(min=1), required=True, metavar="N", help="How many of the newest stay."
)
@click.option("--dry-run", is_flag=True, help="Say which would go, and delete nothing.")
@as_json
@click.pass_obj
def prune(screen: Screen, layer: Layer, keep: int, *, dry_run: bool, as_json: bool) -> None:
    """Delete old versions. What a function here uses stays, and the newest of every stack.

    Functions of other accounts cannot be seen: keep what you share with them.
    """
    with layer.tools(screen.progress) as tools:
        surplus = choose_surplus(list_published(tools, layer.name, layer.s3dir_lambda), keep)
        if not dry_run:
            remove_published(tools, surplus)
    arns = [version.live.arn for version in surplus]
    verb = "would delete" if dry_run else "deleted"
    document = {"layer_name": layer.name, "deleted" if not dry_run else "would_delete": arns}
    screen.show(
        document, lambda: "\n".join(f"{verb} {arn}" for arn in arns) or "nothing to delete", as_json=as_json
    )


@click.command()
@click.argument("old", type=click.IntRange(min=1))
@click.argument("new", type=click.IntRange(min=1))
@layer_options
@as_json
@click.pass_obj
def diff(screen: Screen, old: int, new: int, layer: Layer, *, as_json: bool) -> None:
    """What changed between two versions of a layer, given by number: from what lies beside them in S3."""
    with layer.tools(screen.progress) as tools:
        found = {each.number: each for each in list_published(tools, layer.name, layer.s3dir_lambda)}
        changes = _compare(tools, layer, found.get(old), found.get(new))
    screen.show(
        {"layer_name": layer.name, "changes": describe_changes(changes)},
        lambda: changes_table(changes),
        as_json=as_json,
    )


def _compare(
    tools: Tools, layer: Layer, old: PublishedVersion | None, new: PublishedVersion | None
) -> Changes:
    """By the SBOMs; where one of the two has none, by the lock files."""
    if old is None or new is None:
        raise PublishError(f"layer {layer.name} has no such version: `versions` lists those that it has")
    if old.sbom and new.sbom:
        return compare(read_asset(tools, old.sbom), read_asset(tools, new.sbom))
    return compare(_locked(tools, layer, old), _locked(tools, layer, new))


def _locked(tools: Tools, layer: Layer, version: PublishedVersion) -> bytes:
    """What the version's lock file names, as a CycloneDX document."""
    if version.manifest is None:
        raise PublishError(
            f"{layer.s3dir_lambda.uri} has nothing of {version.live.arn}: is that where it was published from?"
        )
    locked = read_lock(version.manifest.name, read_asset(tools, version.manifest))
    components = [{"name": name, "version": each[0]} for name, each in locked.items()]
    return json.dumps({"bomFormat": "CycloneDX", "components": components}).encode()


def describe(version: PublishedVersion) -> dict[str, object]:
    """One version, for a machine."""
    return {
        "version": version.number,
        "layer_version_arn": version.live.arn,
        "created": version.created,
        "bytes": version.size,
        "code_sha256": version.code_sha256,
        "description": version.live.attributes.description,
        "runtimes": list(version.live.attributes.compatible_runtimes),
        "architectures": list(version.live.attributes.compatible_architectures),
        "manifest": version.manifest.uri if version.manifest else None,
        "sbom": version.sbom.uri if version.sbom else None,
        "fingerprint": version.record.fingerprint if version.record else None,
        "used_by": None if version.used_by is None else list(version.used_by),
    }


def _table(found: Sequence[PublishedVersion]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("version", "size"):
        table.add_column(name, justify="right")
    for name in ("created", "for", "lock file", "used by"):
        table.add_column(name)
    for version in found:
        attributes = version.live.attributes
        users = "may not be listed" if version.used_by is None else ", ".join(version.used_by) or "-"
        table.add_row(
            str(version.number),
            readable(version.size),
            version.created[:16].replace("T", " "),
            " ".join((*attributes.compatible_runtimes, *attributes.compatible_architectures)),
            version.manifest.name if version.manifest else "-",
            users,
        )
    return table
