"""A function's own code in a zip, built from a project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.archive.merge import merge
from constructs_lib.core.archive.secret import refuse_secret_entries
from constructs_lib.core.archive.writer import Archive, write_archive
from constructs_lib.core.argument_types import typed
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.index.auth import Access
from constructs_lib.core.inspect.findings import refuse_errors
from constructs_lib.core.inspect.left_files import left_out_findings
from constructs_lib.core.progress import QUIET, Progress, counted, readable
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.source.project_files import project_files
from constructs_lib.core.source.source_options import SOURCE_DEFAULTS, SourceOptions
from constructs_lib.core.source.source_size import check_source_size
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.wheels.build_here import BuildsHere, NativeCodeError

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.inspect.findings import Finding
    from constructs_lib.core.wheels.wheel import Wheel


@dataclass(frozen=True)
class SourceArtifact:
    """A built source zip; `archive.sha256` identifies it."""

    archive: Archive
    """The zip that was written."""
    version: str
    """The project's version, a dynamic one included."""
    warnings: tuple[Finding, ...] = ()
    """Findings of level `warning`."""
    notes: tuple[Finding, ...] = ()
    """Findings of level `note`."""


@typed
def build_source(
    entry: str | Path,
    path_source_zip: Path,
    options: SourceOptions = SOURCE_DEFAULTS,
    *,
    store: WheelStore | None = None,
    progress: Progress = QUIET,
) -> SourceArtifact:
    """Install the project in `entry` without its dependencies into a zip, the form of a function's code.

    A project with a `[build-system]` is built as a wheel and unpacked at the zip's root: its build backend decides
    about packages in `src/`, package data and the version. One without, and one that
    `[tool.uv] package = false` or Poetry's `package-mode = false` declares to be no package, is copied as it is. What
    the patterns of `options` leave out, files for secrets, and files that git ignores stay out of either.
    Raises an `ArtifactError` whose text is one line; the zip is then not written.
    """
    project = Project.at(entry)

    def build() -> Wheel:
        access = Access(options.credentials, project=project.root)
        return _wheel(project, options, BuildsHere(store or WheelStore.default(), progress, access))

    files = project_files(project, options, path_source_zip, build)
    entries, _ = merge([files.entries])  # raises for paths that could not be unpacked
    findings = [
        *refuse_errors(check_source_size({entry.name: entry.size for entry in entries})),
        *left_out_findings(files.left_out),
    ]
    refuse_secret_entries(entries, [credentials.secret for credentials in options.credentials])
    what = f"{counted(len(entries), 'source file')} of version {files.version}"
    with progress.step(f"zipped {what}", f"zipping {what}") as step:
        archive = write_archive(entries, path_source_zip)
        step.add(readable(archive.size))
    return SourceArtifact(
        archive,
        files.version,
        tuple(finding for finding in findings if finding.level == "warning"),
        tuple(finding for finding in findings if finding.level == "note"),
    )


def _wheel(project: Project, options: SourceOptions, builds: BuildsHere) -> Wheel:
    """Build the project's wheel, whose own name counts; raise for one with native code."""
    try:
        built = builds.directory(project.root, options.include, options.exclude)
    except NativeCodeError as error:
        raise ProjectError(
            error.id,
            f"{error}: a source zip takes pure Python; move that code into a package of its own, whose wheel a "
            f"layer brings (container=True)",
        ) from None
    return built.open(built.name, builds.store)
