"""The inputs of a build from a project's folder: everything that its backend could see, in one key."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.project.build_backend import BuildBackend, read_backend
from constructs_lib.core.project.pyproject import read_pyproject
from constructs_lib.core.project.repository import git_state, ignore_rules, ignored_files
from constructs_lib.core.project.source_files import Patterns, hash_tree, refuse_no_file, walk
from constructs_lib.core.wheels.built import build_key
from constructs_lib.core.wheels.left_out import Choice, named_by

if TYPE_CHECKING:
    from collections.abc import Sequence

# The variables by which backends and their plugins are told a version, and uv what a build may use.
_VARIABLES = (
    *("SETUPTOOLS_", "PDM_BUILD_", "UV_DYNAMIC_VERSIONING_", "POETRY_DYNAMIC_VERSIONING_", "HATCH_", "PBR_"),
    *("VERSIONINGIT_", "VCS_VERSIONING_", "DIST_", "UV_BUILD_", "UV_NO_BUILD", "UV_EXCLUDE_NEWER"),
)


@dataclass(frozen=True)
class BuildInputs:
    """A project's folder as the input of a build."""

    directory: Path
    include: Sequence[str] | None
    exclude: Sequence[str] | None
    uv_project: Path | None
    """The project whose settings for uv hold."""

    @cached_property
    def backend(self) -> BuildBackend:
        return read_backend(self.directory)

    @cached_property
    def files(self) -> list[Path]:
        """All files that a backend may pack, sorted; a ProjectError names one that is none, or leaves the project."""
        patterns = Patterns.of(self.include, self.exclude)
        files = []
        # Not as of a project: with a backend, a folder `dist` may be part of the code.
        for path in walk(self.directory, is_project=False):
            if patterns.match(path.as_posix()):
                refuse_no_file(self.directory / path, self.directory)
                files.append(path)
            elif (self.directory / path).is_file():
                files.append(path)
        return sorted(files, key=lambda path: path.as_posix())

    @cached_property
    def ignored(self) -> frozenset[Path]:
        """The files that git ignores, less those that `include` names."""
        ignored = ignored_files(self.directory, self.files)
        return ignored - named_by(self.include, self.files, ignored)

    @property
    def dropped(self) -> frozenset[Path]:
        """The ignored files that stay out, since the backend does not leave them out itself."""
        return frozenset() if self.backend.obeys_ignores else self.ignored

    @property
    def choice(self) -> Choice:
        """The files that the wheel may hold. A copy lacks the ignored ones, so that what lies there was made anew."""
        ignored = frozenset[Path]() if self.backend.writes else self.dropped
        return Choice(self.directory, self.files, self.include, self.exclude, ignored)

    @cached_property
    def key(self) -> str:
        """The key of a kept build."""
        directory = self.directory
        return build_key(
            "in place",
            hash_tree(directory, self.files),
            repr(sorted(path.as_posix() for path in self.ignored)),
            ignore_rules(directory),
            git_state(directory) if self.backend.asks_git else "",
            repr([self.include and list(self.include), self.exclude and list(self.exclude)]),
            *surroundings(self.uv_project),
        )


def surroundings(uv_project: Path | None) -> tuple[str, ...]:
    """Return what a backend sees beside the sources: variables, the settings for uv of `uv_project`, the Python."""
    variables = sorted(item for item in os.environ.items() if item[0].startswith(_VARIABLES))
    return repr(variables), repr(_uv_settings(uv_project)), f"{sys.version_info[:2]}"


def _uv_settings(project: Path | None) -> list[object]:
    """Return the settings for uv in the project and the folders above it, where a workspace may be."""
    settings: list[object] = []
    for folder in (project, *project.parents) if project else ():
        try:
            if (path := folder / "pyproject.toml").is_file():
                settings.append(read_pyproject(path).document.table("tool").values.get("uv"))
            if (path := folder / "uv.toml").is_file():
                settings.append(path.read_bytes())
        except (ProjectError, OSError):
            continue  # a folder that is not this project's
    return settings
