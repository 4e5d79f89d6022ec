"""Wheels of projects in fetched trees: commits of git repositories, and folders of source archives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.wheels.build_here import BuildsHere, NativeCodeError
from constructs_lib.core.wheels.build_inputs import surroundings
from constructs_lib.core.wheels.built import BuiltWheel, build_key, note_built, read_built
from constructs_lib.core.wheels.git_tree import GitTrees
from constructs_lib.core.wheels.source_archive import unpacked_project

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from constructs_lib.core.lock.locked import LockedFile, LockedGit


@dataclass(frozen=True)
class BuildsOfTrees:
    """The builds of fetched trees on this machine, as of projects, for one artifact.

    A kept wheel is named by its source and by what a backend could see beside it, and needs neither git nor a backend.
    """

    here: BuildsHere

    @property
    def trees(self) -> GitTrees:
        return GitTrees(self.here.store, self.here.progress)

    def git(self, locked: LockedGit) -> BuiltWheel:
        """Build the wheel of a git dependency."""
        place = ("git", locked.url, locked.commit, locked.subdirectory)
        return self._wheel(str(locked), place, lambda: self.trees.project(locked))

    def archive(self, file: LockedFile) -> BuiltWheel:
        """Build the wheel of the project in a folder of a source archive, which is in the store."""
        place = ("archive", file.sha256, file.subdirectory)
        return self._wheel(str(file), place, lambda: unpacked_project(file, self.here.store))

    def _wheel(
        self, subject: str, place: tuple[str, ...], lay_out: Callable[[], AbstractContextManager[Path]]
    ) -> BuiltWheel:
        """Return the kept wheel of `place`, else build the project whose folder `lay_out` yields."""
        store, key = self.here.store, build_key(*place, *surroundings(self.here.access.project))
        if (built_before := read_built(store, key)) is not None:
            return built_before
        # A note of an earlier release has another field, with the address, which other machines need not see.
        if (note := store.read_note("native", key)) is not None and "reason" in note:
            raise NativeCodeError("native-code", f"{subject}: {note['reason']}")
        with lay_out() as project:
            try:
                built = self.here.directory(project)
            except NativeCodeError as error:
                store.write_note("native", key, {"reason": str(error)})
                raise NativeCodeError(error.id, f"{subject}: {error}") from None
        note_built(store, key, built)
        return built
