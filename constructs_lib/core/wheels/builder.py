"""The wheels of locked packages without one: projects on this machine, and source distributions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name, canonicalize_version, parse_wheel_filename

from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.lock.locked import LockedDirectory, LockedGit
from constructs_lib.core.wheels.build_here import BuildsHere, NativeCodeError
from constructs_lib.core.wheels.build_in_container import BuildsInContainer
from constructs_lib.core.wheels.build_tree import BuildsOfTrees

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.lock.locked import Locked, LockedFile
    from constructs_lib.core.wheels.built import BuiltWheel
    from constructs_lib.core.wheels.wheel import Wheel
    from constructs_lib.core.wheels.wheel_source import WheelSource


@dataclass(frozen=True)
class WheelBuilder:
    """Builds wheels for one layer; source distributions are in the store already."""

    source: WheelSource
    here: BuildsHere
    in_container: BuildsInContainer | None

    @classmethod
    def of(cls, source: WheelSource) -> WheelBuilder:
        """Return a builder that uses the source's container, if there is one."""
        store, progress, access = source.store, source.progress, source.access
        container = source.container
        return cls(
            source,
            BuildsHere(store, progress, access),
            BuildsInContainer(container, source.target, store, progress, access) if container else None,
        )

    def build(self, locked: Locked) -> Wheel:
        """Build the wheel of a locked package; raise a ProjectError if the target would not install it."""
        built = self._built(locked)
        _refuse_other(locked, built)
        return self._open(built, locked.name)

    def build_project(self, directory: Path) -> Wheel:
        """Build the wheel of a project, whose own name counts."""
        return self._open(self._directory(LockedDirectory(directory.name, directory)))

    def _open(self, built: BuiltWheel, name: str = "") -> Wheel:
        name = name or built.name
        if not self.source.target.takes(parse_wheel_filename(built.filename)[-1]):
            raise ProjectError(
                "build-result-invalid",
                f"{name} was built here as {built.filename}, which {self.source.target} does not install: "
                f"lock another version, or leave it out",
            )
        return built.open(name, self.source.store)

    def _built(self, locked: Locked) -> BuiltWheel:
        if isinstance(locked, LockedGit):
            return self._git(locked)
        return self._directory(locked) if isinstance(locked, LockedDirectory) else self._sdist(locked)

    def _sdist(self, file: LockedFile) -> BuiltWheel:
        """Build a source distribution: in the container, if there is one."""
        if self.in_container:
            return self.in_container.sdist(file)
        try:
            return BuildsOfTrees(self.here).archive(file) if file.subdirectory else self.here.sdist(file)
        except NativeCodeError as error:
            raise self._needs_container(error) from None

    def _directory(self, locked: LockedDirectory) -> BuiltWheel:
        """Build a path dependency: in the container only if it must be.

        Path dependencies are the user's own and mostly pure Python, which needs no Docker.
        """
        if self.in_container and (built_before := self.in_container.kept_directory(locked)):
            return built_before
        try:
            return self.here.directory(locked.directory)
        except NativeCodeError as error:
            if self.in_container:
                return self.in_container.directory(locked)
            raise self._needs_container(error) from None
        except ToolError:
            if self.in_container:
                return self.in_container.directory(locked)  # this machine may lack a compiler
            raise

    def _git(self, locked: LockedGit) -> BuiltWheel:
        """Build a git dependency: in the container only if it must be, as a path dependency."""
        builds = BuildsOfTrees(self.here)
        if self.in_container and (built_before := self.in_container.kept_git(locked, builds.trees)):
            return built_before
        try:
            return builds.git(locked)
        except NativeCodeError as error:
            if self.in_container is None:
                raise self._needs_container(error) from None
        except ToolError as error:
            if self.in_container is None or error.id != "build-failed":
                raise
        return self.in_container.git(locked, builds.trees)

    def _needs_container(self, error: NativeCodeError) -> ProjectError:
        image = self.source.target.build_image
        return ProjectError(
            error.id,
            f"{error}. Let it be built in a container: container=True ({image}, needs Docker), or lock a wheel of it",
        )


def _refuse_other(locked: Locked, built: BuiltWheel) -> None:
    """Raise for a wheel of another project, or of another version than the locked one."""
    version = (None if isinstance(locked, LockedDirectory) else locked.version) or built.version
    if canonicalize_name(locked.name) == canonicalize_name(built.name) and (
        canonicalize_version(version) == canonicalize_version(built.version)
    ):
        return
    raise ProjectError(
        "build-result-other",
        f"{locked} became {built.filename}, which is another project or version: correct the address, the commit or "
        f"the subdirectory, and lock again",
    )
