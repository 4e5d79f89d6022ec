"""The comparison of uv.lock with the pyproject.toml that it was made from.

`uv lock --check` compares too, but it looks for an interpreter that satisfies `requires-python`, and the machine that
synthesizes need not have the Python that Lambda runs. So the requirements that uv.lock records
(`[package.metadata]`) are compared here, as far as the target can tell them apart: what is compared is what is built.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from packaging.markers import UndefinedEnvironmentName

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import LockOptions
from constructs_lib.core.lock.requirement import RequirementReader, SourceTable, TargetRequirement
from constructs_lib.core.project.pyproject import PyProject, read_pyproject
from constructs_lib.core.system.files import reading
from constructs_lib.core.system.process import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from packaging.utils import NormalizedName

    from constructs_lib.core.lock.uv_lock import UvLock, UvPackage
    from constructs_lib.core.project.pyproject import Project
    from constructs_lib.core.target import Target

LOCK_VERSION = 1
"""The schema of uv.lock that is read here; uv raises it only for changes that older readers cannot read."""


def check_uv_lock(lock: UvLock, project: Project, target: Target, options: LockOptions) -> None:
    """Raise a ProjectError if `lock` was made from other requirements than those of today.

    `project` is compared, and every local project it depends on. A changed version of a local project alone is no
    difference: the lock does not decide its content.
    """
    if lock.version != LOCK_VERSION:
        raise ProjectError(
            "lock-version-unknown",
            f"{lock.path} has schema version {lock.version!r}, this release reads {LOCK_VERSION}: upgrade constructs-lib",
        )
    try:
        _Comparison(lock, project, target).run(options)
    except (ValueError, UndefinedEnvironmentName) as error:
        # Values with a right type that still mean nothing: an address with `[`, a marker that compares names by
        # `~=`, a path with a null character.
        raise ProjectError(
            "lock-invalid",
            f"{lock.path} cannot be compared with {project.path_pyproject_toml}, one of them is not valid: "
            f"{one_line(str(error))}",
        ) from None


@dataclass(frozen=True, eq=False, repr=False)  # never compared: half the time to define it
class _Comparison:
    lock: UvLock
    project: Project
    target: Target

    def run(self, options: LockOptions) -> None:
        lock = self.lock
        entry = {name for name, package in lock.folders.items() if lock.is_at(package, self.project.root)}
        root = self._pyproject(lock.path.parent)
        for name in sorted(_reachable(lock, entry) & lock.folders.keys()):
            # Members inherit the sources of their workspace's root.
            inherited = root if name in lock.members else None
            chosen = options if name in entry else LockOptions()
            self._check_project(lock.folders[name], chosen, _source_tables(".", inherited))
        if root is not None:
            self._check_settings(root)
            self._check_python(root)

    def _pyproject(self, folder: Path) -> PyProject | None:
        if folder.resolve() == self.project.root:
            return self.project.pyproject
        path = folder / "pyproject.toml"
        with reading(path):  # the lock may name a folder that cannot be a path
            is_file = path.is_file()
        return read_pyproject(path) if is_file else None

    @cached_property
    def _reader(self) -> RequirementReader:
        folders = {name: package.source.location for name, package in self.lock.folders.items()}
        return RequirementReader(self.lock.path.parent, folders, self.target)

    def _check_project(self, package: UvPackage, options: LockOptions, inherited: list[SourceTable]) -> None:
        folder = package.source.location
        pyproject = self._pyproject(self.lock.path.parent / folder)
        if pyproject is None or not pyproject.has_static_dependencies:
            return
        requirements = pyproject.requirements.chosen(options.extras, options.groups, options.only_groups)
        recorded = package.requirements(options.groups, options.only_groups)
        self._compare(
            self._reader.asked(requirements, [*inherited, *_source_tables(folder, pyproject)]),
            self._reader.recorded(recorded, options.extras),
            pyproject,
        )

    def _check_settings(self, root: PyProject) -> None:
        tables = _source_tables(".", root)
        now, before = root.uv.overrides, self.lock.overrides
        scopes = sorted(now.keys() | before.keys())
        for requirements, recorded in (
            (root.uv.constraints, self.lock.constraints),
            *((now.get(scope, ()), before.get(scope, ())) for scope in scopes),
        ):
            self._compare(self._reader.asked(requirements, tables), self._reader.recorded(recorded), root)

    def _check_python(self, root: PyProject) -> None:
        asked, recorded = root.requires_python, self.lock.requires_python
        # The lock of a workspace records what all its members allow together.
        if asked is None or recorded is None or len(self.lock.members) > 1:
            return
        version = self.target.runtime.full_version
        if asked.contains(version) != recorded.contains(version):
            raise self._stale(f"{root.path} asks for Python {asked}, the lock is for {recorded}")

    def _compare(
        self, asked: Iterable[TargetRequirement], recorded: Iterable[TargetRequirement], pyproject: PyProject
    ) -> None:
        now, before = set(asked), set(recorded)
        added, removed = sorted(map(str, now - before)), sorted(map(str, before - now))
        if added:
            instead = (
                f" where the lock records {', '.join(removed)}"
                if removed
                else ", of which the lock knows nothing"
            )
            raise self._stale(f"{pyproject.path} asks for {', '.join(added)}{instead}")
        if removed:
            raise self._stale(f"{pyproject.path} no longer asks for {', '.join(removed)}")

    def _stale(self, reason: str) -> ProjectError:
        path = self.lock.path
        return ProjectError(
            "lock-stale",
            f"{path} is stale: {one_line(reason)}. Run 'uv lock' in {path.parent} and commit the result",
        )


def _source_tables(folder: str, pyproject: PyProject | None) -> list[SourceTable]:
    return [] if pyproject is None else [SourceTable(folder, pyproject.uv.sources)]


def _reachable(lock: UvLock, start: Iterable[NormalizedName]) -> set[NormalizedName]:
    """Return `start` and all names it depends on, through extras and groups too."""
    needs: dict[NormalizedName, set[NormalizedName]] = {}
    for package in lock.packages:
        # A package with several versions, each for other environments, has several rows.
        needs.setdefault(package.name, set()).update(
            package.dependencies, package.optional_dependencies, package.group_dependencies
        )
    reached: set[NormalizedName] = set()
    waiting = set(start)
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting |= needs.get(name, set()) - reached
    return reached
