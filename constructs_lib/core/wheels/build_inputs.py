"""The inputs of a build from a project's folder: everything that its backend could see, in one key."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.project.build_backend import BuildBackend, read_backend
from constructs_lib.core.project.repository import (
    git_state,
    ignore_rules,
    ignored_below,
    ignored_files,
    is_versioned_otherwise,
)
from constructs_lib.core.project.source_files import Patterns, hash_tree, refuse_no_file, walk
from constructs_lib.core.wheels.build_settings import build_variables, is_closed, uv_settings, uv_size
from constructs_lib.core.wheels.built import build_key
from constructs_lib.core.wheels.left_out import Choice, named_by
from constructs_lib.core.wheels.work_tree import WorkTree

if TYPE_CHECKING:
    from collections.abc import Sequence


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

    @cached_property
    def outside(self) -> tuple[Path, ...]:
        """The places beside the project that settings name, absolute."""
        directory = self.directory
        # A pattern counts as the folder that it looks into.
        plain = (re.split(r"[*?\[]", path.replace("\\", "/"))[0] for path in self.backend.outside)
        places = {Path(os.path.normpath(directory / path)) for path in plain}
        return tuple(sorted(place for place in places if not place.is_relative_to(directory)))

    @cached_property
    def dropped_outside(self) -> frozenset[Path]:
        """The ignored files in those places, absolute: no backend asks git about them."""
        return ignored_below(self.directory, self.outside)

    @property
    def needs_copy(self) -> bool:
        """True if the build may not run in the work tree itself."""
        return self.backend.writes or bool(self.dropped_outside)

    @property
    def work_tree(self) -> WorkTree:
        """The parts of the work tree that a copy needs."""
        left_out = {self.directory / path for path in self.dropped} | self.dropped_outside
        return WorkTree(self.directory, left_out, self.outside, with_siblings=not self.backend.repeatable)

    @property
    def choice(self) -> Choice:
        """The files that the wheel may hold. A copy lacks the ignored ones, so that what lies there was made anew."""
        ignored = frozenset[Path]() if self.needs_copy else self.dropped
        return Choice(self.directory, self.files, self.include, self.exclude, ignored)

    @cached_property
    def _settings(self) -> list[object]:
        return uv_settings((self.uv_project, self.directory))

    @property
    def is_kept(self) -> bool:
        """True if the key names everything that decides the result."""
        return (
            self.backend.repeatable
            and is_closed(self._settings, self.backend.requirements, os.environ)
            and not (self.backend.asks_git and is_versioned_otherwise(self.directory))
        )

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
            *surroundings(self.uv_project, self.directory),
        )


def surroundings(uv_project: Path | None, directory: Path | None = None) -> tuple[str, ...]:
    """Return what a backend sees beside the sources: variables, settings for uv, the Python and the uv that build."""
    settings = uv_settings((uv_project, directory))
    return repr(build_variables(os.environ)), repr(settings), f"{sys.version_info[:2]} {uv_size()}"
