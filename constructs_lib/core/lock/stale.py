"""The comparison of uv.lock with the pyproject.toml that it was made from.

`uv lock --check` compares too, but it looks for an interpreter that satisfies `requires-python`, and the machine that
synthesizes need not have the Python that Lambda runs. So the requirements that uv.lock records
(`[package.metadata]`) are compared here, as far as the target can tell them apart: what is compared is what is built.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from packaging.markers import UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import LockOptions
from constructs_lib.core.lock.requirement import RequirementReader, SourceTable, TargetRequirement
from constructs_lib.core.lock.stale_settings import Settings
from constructs_lib.core.lock.uv_lock import Need
from constructs_lib.core.project.pyproject import PyProject, read_pyproject
from constructs_lib.core.project.requirements import ProjectRequirements, ScopedRequirement
from constructs_lib.core.project.toml_table import TomlTable, cut
from constructs_lib.core.system.files import reading
from constructs_lib.core.system.process import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from packaging.utils import NormalizedName

    from constructs_lib.core.lock.uv_lock import UvLock, UvPackage
    from constructs_lib.core.project.pyproject import Project
    from constructs_lib.core.target import Target

LOCK_VERSION = 1
"""The schema of uv.lock that is read here; uv raises it only for changes that older readers cannot read."""


def check_uv_lock(
    lock: UvLock,
    project: Project,
    target: Target,
    options: LockOptions,
    requires_of: Callable[[Path], Sequence[str]] | None = None,
) -> None:
    """Raise a ProjectError if `lock` was made from other requirements than those of today.

    `project` is compared, and every local project that the selection needs. A changed version of a local project alone
    is no difference: the lock does not decide its content. `requires_of` asks a project's build backend for the
    requirements that only it knows; without one they are not compared.
    """
    if lock.version != LOCK_VERSION:
        raise ProjectError(
            "lock-version-unknown",
            f"{lock.path} has schema version {lock.version!r}, this release reads {LOCK_VERSION}: upgrade constructs-lib",
        )
    try:
        _Comparison(lock, project, target, requires_of).run(options)
    except (ValueError, UndefinedEnvironmentName) as error:
        # Values with a right type that still mean nothing: an address with `[`, a marker that compares names by
        # `~=`, a path with a null character.
        raise ProjectError(
            "lock-invalid",
            f"{lock.path} cannot be compared with {project.path_pyproject_toml}, one of them is not valid: "
            f"{one_line(str(error))}",
        ) from None


class _Comparison:
    def __init__(
        self,
        lock: UvLock,
        project: Project,
        target: Target,
        requires_of: Callable[[Path], Sequence[str]] | None,
    ) -> None:
        self.lock = lock
        self.project = project
        self.target = target
        self.requires_of = requires_of

    def run(self, options: LockOptions) -> None:
        lock = self.lock
        entry = {name for name, package in lock.folders.items() if lock.is_at(package, self.project.root)}
        root = self._pyproject(lock.path.parent)
        if not entry and root is not None:
            # The root of a workspace that is no project itself: uv exports all members, with the root's groups.
            self._check_groups(root, options)
            entry = set(lock.members)
            options = LockOptions()
        for name, selection in sorted(_needed(lock, entry, options).items()):
            # Members inherit the sources of their workspace's root.
            inherited = root if name in lock.members else None
            self._check_project(lock.folders[name], selection, _source_tables(".", inherited))
        if root is not None:
            self._check_settings(root)

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

    def _check_groups(self, root: PyProject, options: LockOptions) -> None:
        groups = (*options.groups, *options.only_groups)
        asked = self._reader.asked(root.requirements.scoped_groups(groups), _source_tables(".", root))
        self._compare(set(asked), set(self._reader.recorded(self.lock.root_requirements(groups))), root.path)

    def _check_project(
        self, package: UvPackage, selection: LockOptions, inherited: Sequence[SourceTable]
    ) -> None:
        folder = self.lock.path.parent / package.source.location
        pyproject = self._pyproject(folder)
        tables = [*inherited, *_source_tables(package.source.location, pyproject)]
        if pyproject and pyproject.name and canonicalize_name(pyproject.name) != package.name:
            raise self._stale(
                f"{pyproject.path} is named {pyproject.name}, the lock records {cut(package.name)}"
            )
        while True:
            requirements = self._requirements(folder, pyproject, selection)
            if requirements is None:
                return
            now = set(self._reader.asked(requirements, tables))
            recorded = package.requirements(selection.groups, selection.only_groups)
            before = set(self._reader.recorded(recorded, selection.extras))
            wider = _with_own_extras(package.name, selection, now | before)
            if wider == selection:
                break
            selection = wider
        self._compare(now, before, folder / "pyproject.toml" if pyproject is None else pyproject.path)

    def _requirements(
        self, folder: Path, pyproject: PyProject | None, selection: LockOptions
    ) -> list[ScopedRequirement] | None:
        """Return what a project asks for today; None for one that cannot be asked."""
        requirements = (
            pyproject.requirements
            if pyproject
            else ProjectRequirements(TomlTable({}, folder, "pyproject-invalid"))
        )
        groups = [*requirements.scoped_groups((*selection.groups, *selection.only_groups))]
        if selection.only_groups:
            return groups
        keys = ("dependencies", "optional-dependencies") if selection.extras else ("dependencies",)
        if pyproject is not None and pyproject.lists(*keys):
            return [*requirements.scoped_main(selection.extras), *groups]
        if self.requires_of is None or not folder.is_dir():
            return None
        extras = [*map(canonicalize_name, selection.extras)]
        lines = self.requires_of(folder.resolve())
        return [*(self._reader.of_extra(_requirement(line, folder), extras) for line in lines), *groups]

    def _check_settings(self, root: PyProject) -> None:
        tables = _source_tables(".", root)
        settings = Settings(self.lock, root, self.target)
        for requirements, recorded in settings.requirements:
            scoped = map(ScopedRequirement, requirements)
            self._compare(
                set(self._reader.asked(scoped, tables)), set(self._reader.recorded(recorded)), root.path
            )
        if difference := settings.difference(self._members()):
            raise self._stale(difference)

    def _members(self) -> list[PyProject]:
        """Return the members of the workspace, as far as they can be read: most do not concern this layer."""
        lock, members = self.lock, []
        for name in sorted(lock.members & lock.folders.keys()):
            with suppress(ProjectError):
                members.append(self._pyproject(lock.path.parent / lock.folders[name].source.location))
        return [member for member in members if member is not None]

    def _compare(self, now: set[TargetRequirement], before: set[TargetRequirement], path: Path) -> None:
        # An index may be declared where pyproject.toml does not name its address.
        unknown = {requirement.name for requirement in now if requirement.index_url is None}
        before = {row._replace(index_url=None) if row.name in unknown else row for row in before}
        added, removed = sorted(map(str, now - before)), sorted(map(str, before - now))
        if added:
            instead = (
                f" where the lock records {', '.join(removed)}"
                if removed
                else ", of which the lock knows nothing"
            )
            raise self._stale(f"{path} asks for {', '.join(added)}{instead}")
        if removed:
            raise self._stale(f"{path} no longer asks for {', '.join(removed)}")

    def _stale(self, reason: str) -> ProjectError:
        path = self.lock.path
        return ProjectError(
            "lock-stale",
            f"{path} is stale: {one_line(reason)}. Run 'uv lock' in {path.parent} and commit the result",
        )


def _source_tables(folder: str, pyproject: PyProject | None) -> list[SourceTable]:
    if pyproject is None:
        return []
    indexes = {index.name: index.url for index in pyproject.uv_indexes}
    return [SourceTable(folder, pyproject.uv.sources, indexes)]


def _requirement(line: str, folder: Path) -> Requirement:
    try:
        return Requirement(line)
    except InvalidRequirement:
        raise ProjectError(
            "build-failed",
            f"{folder} cannot be compared: its build backend asks for {line!r}, which is no requirement",
        ) from None


def _with_own_extras(
    name: NormalizedName, selection: LockOptions, requirements: Iterable[TargetRequirement]
) -> LockOptions:
    """Return the selection with what the project asks of itself: `shop[fast]` in an extra or a group of `shop`."""
    own = [requirement for requirement in requirements if requirement.name == name]
    if not own:
        return selection
    extras = {canonicalize_name(extra) for extra in selection.extras}.union(*(row.extras for row in own))
    groups = (*selection.groups, *selection.only_groups)
    return replace(selection, extras=tuple(sorted(extras)), groups=groups, only_groups=())


def _needed(
    lock: UvLock, start: Iterable[NormalizedName], options: LockOptions
) -> dict[NormalizedName, LockOptions]:
    """Return the local projects that the selection needs, with the extras that are needed of each."""
    graph = _Graph(lock)
    selections = dict.fromkeys(start, options)
    needs = [need for name in selections for need in graph.selected(name, options)]
    for name, extras in graph.reach(needs).items():
        selections.setdefault(name, LockOptions(extras=tuple(sorted(extras))))
    return {name: selection for name, selection in selections.items() if name in lock.folders}


class _Graph:
    """The packages of a lock by name: one with several versions, each for other environments, has several rows."""

    def __init__(self, lock: UvLock) -> None:
        self._rows: defaultdict[NormalizedName, list[UvPackage]] = defaultdict(list)
        for package in lock.packages:
            self._rows[package.name].append(package)

    def selected(self, name: NormalizedName, options: LockOptions) -> Iterator[Need]:
        """Yield what a selection of a project needs, the project itself first."""
        if not options.only_groups:
            yield Need(name, tuple(map(canonicalize_name, options.extras)))
        for package in self._rows.get(name, ()):
            for group in (*options.groups, *options.only_groups):
                yield from package.of_group(canonicalize_name(group))

    def reach(self, waiting: list[Need]) -> dict[NormalizedName, set[NormalizedName]]:
        """Return all packages that these lead to, each with the extras that are needed of it."""
        reached: dict[NormalizedName, set[NormalizedName]] = {}
        while waiting:
            name, extras = waiting.pop()
            packages = self._rows.get(name, ())
            if name not in reached:
                reached[name] = set()
                waiting += [need for package in packages for need in package.dependencies()]
            new = set(extras) - reached[name]
            reached[name] |= new
            waiting += [need for package in packages for extra in new for need in package.of_extra(extra)]
        return reached
