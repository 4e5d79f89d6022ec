"""Git dependencies that are built in a container."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from constructs_lib.core.lock.locked import LockedDirectory
from constructs_lib.core.wheels.build_inputs import surroundings
from constructs_lib.core.wheels.container_sources import TreeSource

if TYPE_CHECKING:
    from contextlib import ExitStack
    from pathlib import Path

    from constructs_lib.core.lock.locked import LockedGit
    from constructs_lib.core.project.source_files import LeftOut
    from constructs_lib.core.wheels.container_sources import Prepared
    from constructs_lib.core.wheels.git_tree import GitTrees


@dataclass(frozen=True)
class GitSource:
    """A git dependency; its work tree is laid out only where no wheel is kept."""

    locked: LockedGit
    trees: GitTrees
    uv_project: Path | None
    stack: ExitStack
    """Removes the work tree."""
    scratch: Path

    @property
    def name(self) -> str:
        return self.locked.name

    @property
    def place(self) -> str:
        return str(self.locked)

    @cached_property
    def key(self) -> tuple[str, ...]:
        locked = self.locked
        return ("git", locked.url, locked.commit, locked.subdirectory, *surroundings(self.uv_project))

    def prepare(self, folder: Path) -> Prepared:
        return self._tree.prepare(folder)

    def finish(self, wheel: Path) -> list[LeftOut]:
        return self._tree.finish(wheel)

    def identity(self, wheel: Path, key: str | None) -> str | None:
        return self._tree.identity(wheel, key)

    @cached_property
    def _tree(self) -> TreeSource:
        checkout = self.stack.enter_context(self.trees.checkout(self.locked))
        return TreeSource.of(
            LockedDirectory(self.locked.name, checkout.project), self.uv_project, self.scratch
        )
