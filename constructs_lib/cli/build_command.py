"""`build` and `inspect`: artifacts of a project in a folder, and their contents."""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource
from packaging.utils import canonicalize_name

from constructs_lib.cli.option_table import GLOBAL
from constructs_lib.cli.screen import describe_changes
from constructs_lib.cli.wording import in_options
from constructs_lib.core.function.build_function import build_function
from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.progress import readable
from constructs_lib.core.publish.layout import SBOM_NAME
from constructs_lib.core.report.layer_report import report_layer
from constructs_lib.core.report.page import write_html
from constructs_lib.core.report.text import render_text
from constructs_lib.core.source.build_source import build_source
from constructs_lib.core.source.source_options import SourceOptions
from constructs_lib.core.system.files import atomic_write

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_lib.cli.screen import Screen
    from constructs_lib.cli.values import Build
    from constructs_lib.core.inspect.findings import Finding
    from constructs_lib.core.layer.artifact import LayerArtifact
    from constructs_lib.core.report.layer_report import LayerReport
    from constructs_lib.core.source.build_source import SourceArtifact

_OF_SOURCES = frozenset(
    {
        "entry",
        "out",
        "source",
        "include",
        "exclude",
        "credentials",
        "as_json",
        *(option.name for option in GLOBAL),
    }
)
_OF_FILES = frozenset({"include", "exclude"})


def build(
    screen: Screen,
    build: Build,
    out: Path,
    report: Path | None,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    *,
    source: bool,
    function: bool,
    as_json: bool,
) -> None:
    """Write a layer, a source or a function as a zip, and the documents about it."""
    if source and function:
        raise click.UsageError("--source and --function are two kinds of zip: choose one")
    if source:
        _refuse_options(
            lambda name: name not in _OF_SOURCES, "is about layers and means nothing with --source"
        )
        options = SourceOptions(include or None, exclude or None, build.options.credentials)
        _build_source(screen, build, options, out, as_json=as_json)
        return
    if function:
        path, chosen = out / "function.zip", build.function_options(include, exclude)
        made = build_function(
            build.entry, path, build.target, chosen, store=screen.store, progress=screen.progress
        )
        _note_without_effect(screen, build, made)
        _show_with_documents(screen, made, out, {"version": made.version}, report, as_json=as_json)
        return
    _refuse_options(_OF_FILES.__contains__, "means nothing for a layer, which holds dependencies alone")
    layer = _layer(screen, build, out / "layer.zip")
    _show_with_documents(screen, layer, out, {}, report, as_json=as_json)


def _layer(screen: Screen, build: Build, path: Path) -> LayerArtifact:
    layer = build_layer(
        build.entry, path, build.target, build.options, store=screen.store, progress=screen.progress
    )
    _note_without_effect(screen, build, layer)
    return layer


def _note_without_effect(screen: Screen, build: Build, layer: LayerArtifact) -> None:
    """Say which names of `--ignore` left out nothing: a misspelled one would go unseen."""
    ignored = {canonicalize_name(name.partition("==")[0]) for name in layer.ignored}
    for name in build.options.ignore_package_list or ():
        if canonicalize_name(name) not in ignored:
            screen.note(
                f"--ignore {name} leaves out nothing: the lock file has no such package for this target"
            )


def _show_with_documents(
    screen: Screen,
    layer: LayerArtifact,
    out: Path,
    more: dict[str, str],
    report: Path | None,
    *,
    as_json: bool,
) -> None:
    """Write SBOM and lock file beside the zip, and the report where it is to be, and show what was built."""
    for name, content in ((SBOM_NAME, layer.sbom), (layer.manifest.name, layer.manifest.content)):
        with atomic_write(out / name) as file:
            file.write(content)
    if report is not None:
        write_html(report_layer(layer), report)
    text = _finding_lines(screen, layer)
    archive = layer.archive
    text.append(f"{archive.path}: {readable(archive.size)}, sha256 {archive.sha256}")
    document = {"path": str(archive.path), **more, **_document(layer)}
    screen.show(document, lambda: "\n".join(text), as_json=as_json)


def _refuse_options(is_wrong: Callable[[str], bool], reason: str) -> None:
    """Raise for an option that would have no effect."""
    context = click.get_current_context()
    for option in context.command.params:
        name = option.name or ""
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE and is_wrong(name):
            raise click.UsageError(f"{option.opts[0]} {reason}: leave it out")


def _build_source(screen: Screen, build: Build, options: SourceOptions, out: Path, *, as_json: bool) -> None:
    source = build_source(
        build.entry, out / "source.zip", options, store=screen.store, progress=screen.progress
    )
    archive = source.archive
    document = {
        "path": str(archive.path),
        "version": source.version,
        "sha256": archive.sha256,
        "sha256_base64": _base64(archive.sha256),
        "bytes": archive.size,
        "unzipped_bytes": archive.unzipped,
        "findings": _finding_rows(source),
    }
    text = _finding_lines(screen, source)
    text.append(
        f"{archive.path}: version {source.version}, {readable(archive.size)}, sha256 {archive.sha256}"
    )
    screen.show(document, lambda: "\n".join(text), as_json=as_json)


def inspect(screen: Screen, build: Build, html: Path | None, against: Path | None, *, as_json: bool) -> None:
    """Show a layer's contents, size and findings."""
    with tempfile.TemporaryDirectory(prefix="constructs-lib-") as folder:
        layer = _layer(screen, build, Path(folder) / "layer.zip")
    report = report_layer(layer, against)
    if html is not None:
        write_html(report, html)
    screen.warnings.extend(warning.text for warning in layer.warnings)
    document = {**_document(layer), **_sizes(report)}
    screen.show(
        document,
        lambda: str(html) if html else in_options(render_text(report, colour=screen.color)),
        as_json=as_json,
    )


def _sizes(report: LayerReport) -> dict[str, object]:
    return {
        "sizes": [
            {"name": row.name, "version": row.version, "bytes": row.zipped, "unzipped_bytes": row.unzipped}
            for row in report.rows
        ],
        "changes": describe_changes(report.changes) if report.changes else [],
    }


def _findings(artifact: LayerArtifact | SourceArtifact) -> tuple[Finding, ...]:
    return (*artifact.warnings, *artifact.notes)


def _finding_lines(screen: Screen, artifact: LayerArtifact | SourceArtifact) -> list[str]:
    screen.warnings.extend(in_options(warning.text) for warning in artifact.warnings)
    return [f"{finding.level}: {in_options(finding.text)}" for finding in _findings(artifact)]


def _finding_rows(artifact: LayerArtifact | SourceArtifact) -> list[dict[str, object]]:
    return [
        {
            "id": finding.id,
            "level": finding.level,
            "text": in_options(finding.text),
            "distribution": finding.distribution or None,
            "acknowledged": finding.acknowledged,
        }
        for finding in _findings(artifact)
    ]


def _base64(sha256: str) -> str:
    """Return a sha256 as Lambda, CloudFormation and Terraform write it."""
    return base64.b64encode(bytes.fromhex(sha256)).decode()


def _document(layer: LayerArtifact) -> dict[str, object]:
    """Describe a built layer as JSON."""
    return {
        "python": layer.target.python_version,
        "architecture": layer.target.architecture,
        "sha256": layer.archive.sha256,
        "sha256_base64": _base64(layer.archive.sha256),
        "fingerprint": layer.fingerprint,
        "bytes": layer.archive.size,
        "unzipped_bytes": layer.archive.unzipped,
        "excluded_bytes": layer.excluded_bytes,
        "excluded_files": sum(row.files for row in layer.excluded),
        "excluded": [
            {"name": row.name, "files": row.files, "unzipped_bytes": row.unzipped} for row in layer.excluded
        ],
        "manifest": layer.manifest.name,
        "distributions": list(layer.distributions),
        "ignored": list(layer.ignored),
        "findings": _finding_rows(layer),
    }
