"""A function's own code in a zip, built from a project."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.archive.merge import merge
from constructs_lib.core.archive.secret import refuse_secret_entries
from constructs_lib.core.archive.tree_entries import tree_entries
from constructs_lib.core.archive.writer import Archive, write_archive
from constructs_lib.core.argument_types import typed
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.index.auth import Access
from constructs_lib.core.log import log
from constructs_lib.core.progress import QUIET, Progress, readable
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.project.repository import ignored_files
from constructs_lib.core.project.source_files import left_out_note, source_files
from constructs_lib.core.source.source_options import SOURCE_DEFAULTS, SourceOptions
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.wheels.build_here import BuildsHere, NativeCodeError
from constructs_lib.core.wheels.contents import wheel_entries
from constructs_lib.core.wheels.left_out import IGNORED, named_by

if TYPE_CHECKING:
    from constructs_lib.core.wheels.wheel import Wheel


_NO_VERSION = "0.0.0"


@dataclass(frozen=True)
class SourceArtifact:
    """A built source zip; `archive.sha256` identifies it."""

    archive: Archive
    """The zip that was written."""
    version: str
    """The project's version, a dynamic one included."""


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
        wheel = _build(project, options, BuildsHere(store or WheelStore.default(), progress, access))
        entries, version = wheel_entries(wheel), wheel.version
    else:
        entries, version = (
            tree_entries(project.root, _plain_files(project.root, options)),
            _written_version(project),
        )
    entries, _ = merge([entries])  # raises for paths that could not be unpacked
    is_code = [".dist-info/" not in entry.name for entry in entries]
    # A project of metadata alone is legal; patterns that leave nothing else are a mistake.
    if not any(is_code) and (not entries or options.include or options.exclude):
        raise ProjectError(
            "source-empty",
            f"{project.root} has no file to deploy: include={options.include!r}, exclude={options.exclude!r} leave "
            f"nothing",
        )
    refuse_secret_entries(entries, [credentials.secret for credentials in options.credentials])
    with progress.step(f"zipped {len(entries)} source files of version {version}") as step:
        archive = write_archive(entries, path_source_zip)
        step.add(readable(archive.size))
    return SourceArtifact(archive, version)


def _plain_files(root: Path, options: SourceOptions) -> list[Path]:
    """Return the files of a project without a backend, less those that git ignores and `include` does not name."""
    files = source_files(root, options.include, options.exclude)
    ignored = ignored_files(root, files)
    ignored -= named_by(options.include, files, ignored)
    if ignored:
        note = left_out_note(root.name, map(Path.as_posix, ignored), IGNORED)
        log.info("note: %s", note)
    return [path for path in files if path not in ignored]


def _build(project: Project, options: SourceOptions, builds: BuildsHere) -> Wheel:
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
    """Return the version in pyproject.toml; Poetry's non-package mode, which needs none, has `0.0.0` by default."""
    pyproject = project.pyproject
    version = (
        project.version or pyproject.poetry_version or (_NO_VERSION if pyproject.is_plain_poetry else None)
    )
    if version is None:
        raise ProjectError(
            "version-missing",
            f"{project.path_pyproject_toml} has no [project] version, and without a [build-system] nothing else "
            f'gives one: add version = "0.1.0"',
        )
    return version
