"""A function's own code in a zip, built from a project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.archive.merge import merge
from constructs_lib.core.archive.secret import refuse_secret_entries
from constructs_lib.core.archive.tree_entries import tree_entries
from constructs_lib.core.archive.writer import Archive, write_archive
from constructs_lib.core.argument_types import typed
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.index.auth import Access
from constructs_lib.core.inspect.findings import refuse_errors
from constructs_lib.core.inspect.left_files import left_out_findings
from constructs_lib.core.progress import QUIET, Progress, readable
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.source.plain_files import plain_files
from constructs_lib.core.source.source_options import SOURCE_DEFAULTS, SourceOptions
from constructs_lib.core.source.source_size import check_source_size
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.wheels.build_here import BuildsHere, NativeCodeError
from constructs_lib.core.wheels.contents import wheel_entries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from constructs_lib.core.archive.entry import Entry
    from constructs_lib.core.inspect.findings import Finding
    from constructs_lib.core.project.source_files import LeftOut
    from constructs_lib.core.wheels.wheel import Wheel


_NO_VERSION = "0.0.0"


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


class _Sources(NamedTuple):
    """The files of a source zip, before they are written."""

    entries: list[Entry]
    version: str
    left_out: Sequence[LeftOut]


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
    _ = project.name  # raises if `[project]` is not a table
    if project.is_package:
        access = Access(options.credentials, project=project.root)
        sources = _built(project, options, BuildsHere(store or WheelStore.default(), progress, access))
    else:
        sources = _plain(project, options)
    entries, _ = merge([sources.entries])  # raises for paths that could not be unpacked
    findings = [
        *refuse_errors(check_source_size({entry.name: entry.size for entry in entries})),
        *left_out_findings(sources.left_out),
    ]
    is_code = [".dist-info/" not in entry.name for entry in entries]
    # A project of metadata alone is legal; patterns that leave nothing else are a mistake.
    if not any(is_code) and (not entries or options.include or options.exclude):
        raise ProjectError(
            "source-empty",
            f"{project.root} has no file to deploy: include={options.include!r}, exclude={options.exclude!r} leave "
            f"nothing",
        )
    refuse_secret_entries(entries, [credentials.secret for credentials in options.credentials])
    with progress.step(f"zipped {len(entries)} source files of version {sources.version}") as step:
        archive = write_archive(entries, path_source_zip)
        step.add(readable(archive.size))
    return SourceArtifact(
        archive,
        sources.version,
        tuple(finding for finding in findings if finding.level == "warning"),
        tuple(finding for finding in findings if finding.level == "note"),
    )


def _built(project: Project, options: SourceOptions, builds: BuildsHere) -> _Sources:
    """Return the files of the wheel that the project's backend makes."""
    wheel = _wheel(project, options, builds)
    return _Sources(wheel_entries(wheel), wheel.version, wheel.left_out)


def _plain(project: Project, options: SourceOptions) -> _Sources:
    """Return the files of a project without a backend, as they are."""
    version = _written_version(project)
    root = project.root
    files, left_out = plain_files(root, options.include, options.exclude)
    # Before they are read: there may be more of them than memory.
    refuse_errors(check_source_size({path.as_posix(): (root / path).stat().st_size for path in files}))
    return _Sources(tree_entries(root, files), version, left_out)


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


def _written_version(project: Project) -> str:
    """Return the version in pyproject.toml; `0.0.0` for Poetry's non-package mode and without any description."""
    pyproject = project.pyproject
    needs_none = pyproject.is_plain_poetry or not pyproject.is_described
    version = project.version or pyproject.poetry_version or (_NO_VERSION if needs_none else None)
    if version is None:
        raise ProjectError(
            "version-missing",
            f"{project.path_pyproject_toml} has no [project] version, and without a [build-system] nothing else "
            f'gives one: add version = "0.1.0"',
        )
    return version
