"""`build` and `inspect`: a project → artifacts in a folder, and what they hold."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from constructs_lib.cli.options import as_json, build_options
from constructs_lib.cli.screen import describe_changes
from constructs_lib.core.errors import StoreError
from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.progress import readable
from constructs_lib.core.publish.layout import SBOM_NAME
from constructs_lib.core.report.layer_report import report_layer
from constructs_lib.core.report.page import write_html
from constructs_lib.core.report.text import render_text
from constructs_lib.core.source.build_source import build_source

if TYPE_CHECKING:
    from constructs_lib.cli.options import Build
    from constructs_lib.cli.screen import Screen
    from constructs_lib.core.inspect.findings import Finding
    from constructs_lib.core.layer.build_layer import LayerArtifact
    from constructs_lib.core.report.layer_report import LayerReport

_OF_SOURCES = frozenset({"entry", "out", "source", "as_json"})


@click.command()
@build_options
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("build/lambda"),
    show_default=True,
    help="The folder for the result.",
)
@click.option(
    "--source", is_flag=True, help="Build source.zip instead: the project itself, without its dependencies."
)
@as_json
@click.pass_obj
def build(screen: Screen, build: Build, out: Path, *, source: bool, as_json: bool) -> None:
    """Build PROJECT's layer, or its source zip, in a folder.

    A layer comes with its SBOM and the lock file it was built from.
    """
    if source:
        _refuse_layer_options()
        _build_source(screen, build, out, as_json=as_json)
        return
    layer = build_layer(
        build.entry, out / "layer.zip", build.target, progress=screen.progress, **build.keywords
    )
    _write(out / SBOM_NAME, layer.sbom)
    _write(out / layer.manifest.name, layer.manifest.content)
    text = [f"{finding.level}: {finding.text}" for finding in _findings(layer)]
    archive = layer.archive
    text.append(f"{archive.path}: {readable(archive.size)}, sha256 {archive.sha256}")
    document = {"path": str(archive.path), **_document(layer)}
    screen.show(document, lambda: "\n".join(text), as_json=as_json)


def _refuse_layer_options() -> None:
    """Rather than ignore them: who gives one expects something of it."""
    context = click.get_current_context()
    for option in context.command.params:
        given = context.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE
        if given and option.name not in _OF_SOURCES:
            msg = f"{option.opts[0]} is about layers and means nothing with --source: leave it out"
            raise click.UsageError(msg)


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        msg = f"{path} cannot be written: {error.strerror}"
        raise StoreError(msg) from None


def _build_source(screen: Screen, build: Build, out: Path, *, as_json: bool) -> None:
    source = build_source(build.entry, out / "source.zip", progress=screen.progress)
    archive = source.archive
    document = {
        "path": str(archive.path),
        "version": source.version,
        "sha256": archive.sha256,
        "bytes": archive.size,
        "unzipped_bytes": archive.unzipped,
    }
    text = f"{archive.path}: version {source.version}, {readable(archive.size)}, sha256 {archive.sha256}"
    screen.show(document, lambda: text, as_json=as_json)


@click.command()
@build_options
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a page with a treemap to this file instead of the table.",
)
@click.option(
    "--against",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="SBOM",
    help="The sbom.cdx.json of an earlier build, to compare with.",
)
@as_json
@click.pass_obj
def inspect(screen: Screen, build: Build, html: Path | None, against: Path | None, *, as_json: bool) -> None:
    """Show what PROJECT's layer holds, its size and findings."""
    with tempfile.TemporaryDirectory(prefix="constructs-lib-") as folder:
        path = Path(folder) / "layer.zip"
        layer = build_layer(build.entry, path, build.target, progress=screen.progress, **build.keywords)
    report = report_layer(layer, against)
    if html is not None:
        write_html(report, html)
    document = {**_document(layer), **_sizes(report)}
    screen.show(
        document, lambda: str(html) if html else render_text(report, colour=screen.colour), as_json=as_json
    )


def _sizes(report: LayerReport) -> dict[str, object]:
    return {
        "sizes": [
            {"name": row.name, "version": row.version, "bytes": row.zipped, "unzipped_bytes": row.unzipped}
            for row in report.rows
        ],
        "changes": describe_changes(report.changes) if report.changes else [],
    }


def _findings(layer: LayerArtifact) -> tuple[Finding, ...]:
    return (*layer.warnings, *layer.notes)


def _document(layer: LayerArtifact) -> dict[str, object]:
    """What a machine may want to know of a built layer."""
    return {
        "python": layer.target.python_version,
        "architecture": layer.target.architecture,
        "sha256": layer.archive.sha256,
        "fingerprint": layer.fingerprint,
        "bytes": layer.archive.size,
        "unzipped_bytes": layer.archive.unzipped,
        "manifest": layer.manifest.name,
        "distributions": list(layer.distributions),
        "ignored": list(layer.ignored),
        "findings": [{"id": each.id, "level": each.level, "text": each.text} for each in _findings(layer)],
    }
