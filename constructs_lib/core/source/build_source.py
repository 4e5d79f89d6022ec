"""The function's own code: a project → source.zip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from constructs_lib.core.archive.files import tree_entries
from constructs_lib.core.archive.merge import merge
from constructs_lib.core.archive.secret import refuse_secret_entries
from constructs_lib.core.archive.writer import Archive, write_archive
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.index.auth import Access
from constructs_lib.core.progress import QUIET, Progress, readable
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.project.source_files import source_files
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.wheels.build import open_built
from constructs_lib.core.wheels.build_here import NativeCodeError, build_directory
from constructs_lib.core.wheels.contents import wheel_entries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from constructs_lib.core.archive.entry import Entry
    from constructs_lib.core.index.credentials import Credentials


@dataclass(frozen=True)
class SourceArtifact:
    """A built source zip; `archive.sha256` names it."""

    archive: Archive
    version: str
    """The project's version, a dynamic one included."""


def build_source(
    entry: str | Path,
    path_source_zip: Path,
    *,
    include: Sequence[str] | None = None,
    exclude: Sequence[str] | None = None,
    credentials: Sequence[Credentials] = (),
    store: WheelStore | None = None,
    progress: Progress = QUIET,
) -> SourceArtifact:
    """Install the project in `entry` without its dependencies into a zip, as Lambda wants a function's code.

    A project with a `[build-system]` is built as a wheel and unpacked at the zip's root, so that packages in
    `src/`, package data and the version are what its build backend says. One without is copied as it lies.
    `include` and `exclude` are `.gitignore` patterns on the project's files, applied before the build.
    `credentials` are for the index that the build backend comes from; a file that holds their password is refused.
    Raises an `ArtifactError` whose text is one line; the zip is then not written.
    """
    project = Project.at(entry)
    _ = project.name  # refuses what is no project
    files = source_files(project.root, include, exclude)
    if project.has_build_system:
        entries, version = _installed(project, files, store or WheelStore.default(), progress, credentials)
    else:
        entries, version = tree_entries(project.root, files), _written_version(project)
    entries, _ = merge([entries])  # refuses what could not be unpacked
    if not entries:
        msg = f"{project.root} has no file to deploy: include={include!r}, exclude={exclude!r} leave nothing"
        raise ProjectError(msg)
    refuse_secret_entries(entries, [each.secret for each in credentials])
    with progress.step(f"zipped {len(entries)} source files of version {version}") as step:
        archive = write_archive(entries, path_source_zip)
        step.add(readable(archive.size))
    return SourceArtifact(archive, version)


def _installed(
    project: Project,
    files: list[Path],
    store: WheelStore,
    progress: Progress,
    credentials: Sequence[Credentials],
) -> tuple[list[Entry], str]:
    name = canonicalize_name(project.name)
    try:
        note = build_directory(
            project.root, store, progress, files, Access(credentials, project=project.root)
        )
        wheel = open_built(name, note, store)
    except NativeCodeError as error:
        msg = (
            f"{error}: a source zip takes pure Python; move that code into a package of its own, whose wheel a "
            f"layer brings (container=True)"
        )
        raise ProjectError(msg) from None
    return wheel_entries(wheel), wheel.version


def _written_version(project: Project) -> str:
    version = project.version
    if version is None:
        msg = (
            f"{project.path_pyproject_toml} has no [project] version, and without a [build-system] nothing else "
            f'says it: add version = "0.1.0"'
        )
        raise ProjectError(msg)
    return version
