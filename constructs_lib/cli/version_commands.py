"""`versions`, `diff` and `prune`: the published versions of a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from constructs_lib.cli.screen import describe_changes
from constructs_lib.core.deploy.differences import compare_attributes, compare_versions
from constructs_lib.core.progress import readable
from constructs_lib.core.publish.aws.aws_errors import AwsError
from constructs_lib.core.publish.inventory import (
    find_surplus,
    list_published,
    read_details,
    remove_published,
)
from constructs_lib.core.report.text import changes_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from constructs_lib.cli.screen import Screen
    from constructs_lib.cli.values import Layer
    from constructs_lib.core.deploy.differences import AttributeChange
    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.inventory import PublishedVersion, VersionDetails
    from constructs_lib.core.report.changes import Changes


def versions(screen: Screen, layer: Layer, *, as_json: bool) -> None:
    """List the live versions of a layer."""
    with layer.services() as services:
        rows = [
            (version, read_details(services, version.live))
            for version in list_published(services, layer.name, layer.s3dir_lambda)
        ]
    document = {"layer_name": layer.name, "versions": [_describe(*row) for row in rows]}
    screen.show(document, lambda: _table(rows) if rows else f"{layer.name} has no version", as_json=as_json)


def prune(screen: Screen, layer: Layer, keep: int, *, dry_run: bool, as_json: bool) -> None:
    """Delete the versions that are neither in use nor among the newest."""
    verb, nothing = "would delete" if dry_run else "deleted", "nothing to delete"
    with layer.services() as services:
        surplus = find_surplus(services, layer.name, layer.s3dir_lambda, keep)
        if surplus and not dry_run:
            if not confirm_deletion(screen, surplus):
                surplus, nothing = [], "nothing was deleted"
            remove_published(services, surplus)
    arns = [version.live.arn for version in surplus]
    document = {
        "layer_name": layer.name,
        "dry_run": dry_run,
        "deleted": [] if dry_run else arns,
        "would_delete": arns if dry_run else [],
    }
    screen.show(document, lambda: "\n".join(f"{verb} {arn}" for arn in arns) or nothing, as_json=as_json)


def diff(screen: Screen, old: int, new: int, layer: Layer, *, as_json: bool) -> None:
    """Show what changed from one version to another."""
    with layer.services() as services:
        changes = compare_versions(services, layer.name, layer.s3dir_lambda, old, new)
        attributes = _attributes(screen, services, layer.name, old, new)
    document = {
        "layer_name": layer.name,
        "attributes": None if attributes is None else [change._asdict() for change in attributes],
        "changes": describe_changes(changes),
    }
    screen.show(document, lambda: _difference(attributes or (), changes), as_json=as_json)


def _attributes(
    screen: Screen, services: AwsServices, layer_name: str, old: int, new: int
) -> tuple[AttributeChange, ...] | None:
    """Compare Python, CPU and description; None with a note where that is not possible."""
    reason = "Lambda has not both versions any more"
    try:
        attributes = compare_attributes(services, layer_name, old, new)
    except AwsError as error:
        attributes, reason = None, str(error)
    if attributes is None:
        screen.note(f"Python, CPU and description are not compared: {reason}")
    return attributes


def _difference(attributes: Sequence[AttributeChange], changes: Changes) -> RenderableType:
    if not attributes:
        return changes_table(changes)
    table = changes_table(changes) if changes.rows else "Nothing has changed in the distributions."
    # Text: a description may hold what rich takes for markup.
    return Group(*(Text(str(change)) for change in attributes), table)


def confirm_deletion(screen: Screen, surplus: Sequence[PublishedVersion]) -> bool:
    """Ask a person on a terminal whether these versions may be deleted."""
    arns = ", ".join(version.live.arn for version in surplus)
    return screen.confirm(f"Delete {arns}? A layer version cannot be brought back.")


def _describe(version: PublishedVersion, details: VersionDetails) -> dict[str, object]:
    """Describe one version as JSON."""
    folder = version.folder
    return {
        "version": version.number,
        "layer_version_arn": version.live.arn,
        "created": details.created,
        "bytes": details.size,
        "code_sha256": details.code_sha256,
        "description": version.live.attributes.description,
        "runtimes": list(version.live.attributes.compatible_runtimes),
        "architectures": list(version.live.attributes.compatible_architectures),
        "manifest": folder.manifest.uri if folder.manifest else None,
        "sbom": folder.sbom.uri if folder.sbom else None,
        "fingerprint": version.record.fingerprint if version.record else None,
        "used_by": None if version.used_by is None else list(version.used_by),
    }


def _table(rows: Sequence[tuple[PublishedVersion, VersionDetails]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("version", "size"):
        table.add_column(name, justify="right")
    for name in ("created (UTC)", "for", "lock file", "used by"):
        table.add_column(name)
    for version, details in rows:
        attributes = version.live.attributes
        users = "may not be listed" if version.used_by is None else ", ".join(version.used_by) or "-"
        table.add_row(
            str(version.number),
            readable(details.size),
            details.created[:16].replace("T", " "),
            " ".join((*attributes.compatible_runtimes, *attributes.compatible_architectures)),
            version.folder.manifest.name if version.folder.manifest else "-",
            users,
        )
    return table
