"""What is locked without a wheel → a wheel: a project on this machine, or a source distribution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.utils import parse_wheel_filename

from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.lock.locked import LockedDirectory, LockedFile
from constructs_lib.core.wheels.build_here import BuiltNote, NativeCodeError, build_directory, build_sdist
from constructs_lib.core.wheels.build_in_container import Container, ContainerBuilds
from constructs_lib.core.wheels.wheel import Wheel, open_wheel

if TYPE_CHECKING:
    from constructs_lib.core.index.auth import Access
    from constructs_lib.core.lock.locked import Locked
    from constructs_lib.core.progress import Progress
    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.target import Target


@dataclass(frozen=True)
class Maker:
    """Builds wheels for one layer; source distributions lie in the store already."""

    store: WheelStore
    target: Target
    progress: Progress
    access: Access
    builds: ContainerBuilds | None

    @classmethod
    def of(
        cls,
        store: WheelStore,
        target: Target,
        progress: Progress,
        access: Access,
        container: Container | None,
    ) -> Maker:
        """One that builds in `container`, if there is one, what this machine must not or cannot build."""
        builds = (
            ContainerBuilds(container, target, store, progress, access.credentials) if container else None
        )
        return cls(store, target, progress, access, builds)

    def wheel(self, locked: Locked) -> Wheel:
        """The wheel of what is locked; a ProjectError where `target` would not install it."""
        note = self._build(locked)
        if parse_wheel_filename(note["filename"])[-1].isdisjoint(self.target.tags):
            msg = f"{locked.name} was built here as {note['filename']}, which {self.target} does not install"
            raise ProjectError(msg)
        return open_built(locked.name, note, self.store)

    def _build(self, locked: Locked) -> BuiltNote:
        """A container builds every source distribution, but a path dependency only if it must.

        Path dependencies are the person's own and mostly pure Python, which needs no Docker.
        """
        builds = self.builds
        try:
            if isinstance(locked, LockedDirectory):
                return build_directory(locked.directory, self.store, self.progress, access=self.access)
            if builds:
                return builds.sdist(locked)
            return build_sdist(locked, self.store, self.progress, self.access)
        except NativeCodeError as error:
            if builds and isinstance(locked, LockedDirectory):
                return builds.directory(locked, str(parse_wheel_filename(error.filename)[1]))
            msg = f"{error}. Let it be built in a container: container=True ({self.target.build_image}, needs Docker)"
            raise ProjectError(msg) from None
        except ToolError:
            if builds and isinstance(locked, LockedDirectory):
                return builds.directory(locked)  # this machine may lack a compiler
            raise


def open_built(name: str, note: BuiltNote, store: WheelStore) -> Wheel:
    """The wheel that a build left in the store."""
    version = str(parse_wheel_filename(note["filename"])[1])
    file = LockedFile(name, version, note["filename"], note["sha256"], store.path(note["sha256"]))
    return open_wheel(file, store, note["source"])
