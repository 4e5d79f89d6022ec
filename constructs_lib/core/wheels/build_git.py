"""Wheels of git dependencies: the locked commit, built as a project on this machine, kept by commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ToolError
from constructs_lib.core.wheels.build_here import BuildsHere, NativeCodeError
from constructs_lib.core.wheels.build_inputs import surroundings
from constructs_lib.core.wheels.built import BuiltWheel, build_key, read_built
from constructs_lib.core.wheels.git_tree import GitTrees

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.core.lock.locked import LockedGit


@dataclass(frozen=True)
class BuildsFromGit:
    """The builds of git dependencies of one artifact."""

    here: BuildsHere

    @property
    def trees(self) -> GitTrees:
        return GitTrees(self.here.store, self.here.progress)

    def wheel(self, locked: LockedGit) -> BuiltWheel:
        """Build the wheel on this machine; a kept one needs neither git nor a backend."""
        store, key = self.here.store, self._key(locked)
        if (built_before := read_built(store, key)) is not None:
            return built_before
        if (note := store.read_note("native", key)) is not None:
            raise _native(note)
        with self.trees.checkout(locked) as tree:
            try:
                built = self.here.directory(tree.project)
            except NativeCodeError as error:
                note = {"text": f"{locked}: {error}", "filename": error.filename}
                store.write_note("native", key, note)
                raise _native(note) from None
            except ToolError as error:
                # The folder is gone when the message is read.
                raise ToolError(error.id, str(error).replace(str(tree.project), str(locked))) from None
        store.write_note("built", key, built._asdict())
        return built

    def _key(self, locked: LockedGit) -> str:
        """Return the key of a kept build: the commit, and what the backend could see beside it."""
        place = (locked.url, locked.commit, locked.subdirectory)
        return build_key("git", *place, *surroundings(self.here.access.project))


def _native(note: Mapping[str, str]) -> NativeCodeError:
    error = NativeCodeError("native-code", note["text"])
    error.filename = note["filename"]
    return error
