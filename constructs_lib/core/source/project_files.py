"""The files of a project as a function has them: those of the wheel that its backend makes, or all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.archive.tree_entries import tree_entries
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.inspect.findings import refuse_errors
from constructs_lib.core.source.earlier_results import without_results
from constructs_lib.core.source.plain_files import plain_files
from constructs_lib.core.source.source_size import check_source_size
from constructs_lib.core.wheels.contents import wheel_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from constructs_lib.core.archive.entry import Entry
    from constructs_lib.core.project.pyproject import Project
    from constructs_lib.core.project.source_files import LeftOut
    from constructs_lib.core.source.source_options import SourceOptions
    from constructs_lib.core.wheels.wheel import Wheel

_NO_VERSION = "0.0.0"


class ProjectFiles(NamedTuple):
    """The files of a project before they are written."""

    entries: list[Entry]
    version: str
    left_out: Sequence[LeftOut]
    wheel: Wheel | None
    """The wheel they come from; None for a project that is copied as it is."""


def project_files(
    project: Project, options: SourceOptions, path_zip: Path, build: Callable[[], Wheel]
) -> ProjectFiles:
    """Return the files that `options` choose for `path_zip`; `build` makes the wheel of a project that is a package.

    Raises a ProjectError where the options leave nothing to deploy.
    """
    _ = project.name  # raises if `[project]` is not a table
    files = _of_wheel(build()) if project.is_package else _plain(project, options, path_zip)
    is_code = [".dist-info/" not in entry.name for entry in files.entries]
    # A project of metadata alone is legal; patterns that leave nothing else are a mistake.
    if not any(is_code) and (not files.entries or options.include or options.exclude):
        raise ProjectError(
            "source-empty",
            f"{project.root} has no file to deploy: include={options.include!r}, exclude={options.exclude!r} leave "
            f"nothing",
        )
    return files


def _of_wheel(wheel: Wheel) -> ProjectFiles:
    return ProjectFiles(wheel_entries(wheel), wheel.version, wheel.left_out, wheel)


def _plain(project: Project, options: SourceOptions, path_zip: Path) -> ProjectFiles:
    """Return the files of a project without a backend, as they are."""
    version = _written_version(project)
    root = project.root
    files, left_out = plain_files(root, options.include, options.exclude)
    files = without_results(root, files, path_zip)
    # Before they are read: there may be more of them than memory.
    refuse_errors(check_source_size({path.as_posix(): (root / path).stat().st_size for path in files}))
    return ProjectFiles(tree_entries(root, files), version, left_out, None)


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
