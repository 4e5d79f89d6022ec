"""The comparison of uv.lock with the settings in `[tool.uv]` that decided what uv locked."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

from packaging.utils import canonicalize_name

from constructs_lib.core.project.toml_table import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from packaging.markers import Marker
    from packaging.requirements import Requirement

    from constructs_lib.core.lock.uv_lock import RecordedRequirement, UvLock
    from constructs_lib.core.project.pyproject import PyProject
    from constructs_lib.core.project.uv_settings import Conflict
    from constructs_lib.core.target import Target

_DATE = "exclude-newer"
_DEFAULTS = {
    "resolution-mode": "highest",
    "prerelease-mode": "if-necessary",
    "fork-strategy": "requires-python",
}
"""The values that uv does not write into uv.lock."""
_ALIASES = {"if-necessary-or-explicit": "if-necessary"}
"""Older names of values, which mean the same to uv since it changed the default of `prerelease`."""


class Settings:
    """The settings of the lock's own folder, now and as uv.lock records them.

    uv takes a lock although a setting was added since that concerns no package in it; so does this comparison.
    """

    def __init__(self, lock: UvLock, root: PyProject, target: Target) -> None:
        self.lock = lock
        self.root = root
        self.target = target

    @property
    def requirements(self) -> Iterator[tuple[Iterable[Requirement], Iterable[RecordedRequirement]]]:
        """Yield the constraints and each scope of overrides, now and then."""
        yield self._of_locked(self.root.uv.constraints, self.lock.constraints), self.lock.constraints
        now, before = self.root.uv.overrides, self.lock.overrides
        for scope in sorted(now.keys() | before.keys()):
            requirements, recorded = now.get(scope, ()), before.get(scope, ())
            if not scope:
                yield self._of_locked(requirements, recorded), recorded
            elif recorded or scope.partition("==")[0] in self._names:
                yield requirements, recorded

    def difference(self, members: Sequence[PyProject]) -> str:
        """Return a text that names the first setting that differs; an empty one if none does."""
        checks = (self._python(members), self._excluded(), self._metadata(), self._environments())
        return next(filter(None, (*checks, self._conflicts(), *self._options())), "")

    def _python(self, members: Sequence[PyProject]) -> str:
        recorded, target = self.lock.requires_python, self.target
        if recorded is None:
            return ""
        projects = members or [self.root]
        asking = [project for project in projects if project.requires_python is not None]
        refusing = [project for project in asking if not target.is_in(project.requires_python or recorded)]
        if target.is_in(recorded) and refusing:
            project = refusing[0]
        elif not target.is_in(recorded) and asking and not refusing:
            project = asking[0]
        else:
            return ""
        return f"{project.path} asks for Python {cut(str(project.requires_python))}, the lock is for {cut(str(recorded))}"

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(package.name for package in self.lock.packages)

    def _of_locked(
        self, requirements: Iterable[Requirement], recorded: Iterable[RecordedRequirement]
    ) -> list[Requirement]:
        names = self._names.union(requirement.name for requirement in recorded)
        return [requirement for requirement in requirements if canonicalize_name(requirement.name) in names]

    def _excluded(self) -> str:
        before = self.lock.excluded
        now = self.root.uv.excluded & (self._names | before)
        if now == before:
            return ""
        return f"{self.root.path} has exclude-dependencies {_listed(now)} where the lock records {_listed(before)}"

    def _metadata(self) -> str:
        now, before = self.root.uv.metadata_overrides, self.lock.metadata_overrides
        changed = sorted(
            key
            for key in now.keys() | before.keys()
            if now.get(key) != before.get(key) and (key in before or key[0] in self._names)
        )
        if not changed:
            return ""
        names = ", ".join(f"{name} {version}".strip() for name, version in changed)
        return f"{self.root.path} has other dependency-metadata for {names} than the lock records"

    def _environments(self) -> str:
        now, before = self._covers(self.root.uv.environments), self._covers(self.lock.environments)
        if now == before:
            return ""
        state = "names" if now else "does not name"
        return f"{self.root.path} {state} {self.target} in environments, other than the lock"

    def _covers(self, environments: Sequence[Marker]) -> bool:
        environment = cast("dict[str, str]", self.target.environment)
        return not environments or any(marker.evaluate(environment) for marker in environments)

    def _conflicts(self) -> str:
        if self.lock.members:
            return ""  # each member may declare some, and uv adds those between members
        name = self.root.name or ""
        if _of_package(self.root.uv.conflicts, name) == _of_package(self.lock.conflicts, name):
            return ""
        return f"{self.root.path} declares other conflicts than the lock records"

    def _options(self) -> Iterator[str]:
        """Yield the options that differ. Those that stand in the lock alone may come from a variable or an argument."""
        # uv.toml takes the place of `[tool.uv]`.
        options = {} if (self.root.path.parent / "uv.toml").is_file() else self.root.uv.resolution_options
        for name, value in options.items():
            recorded = self.lock.option(name)
            if name == _DATE:
                # uv writes a date as a time of this machine, and a span as a time that is none.
                is_time = "T" in value and recorded and not self.lock.option("exclude-newer-span")
                differs = value != recorded if is_time else recorded is None
            else:
                before = recorded or _DEFAULTS[name]
                differs = _ALIASES.get(value, value) != _ALIASES.get(before, before)
            if differs:
                yield f"{self.root.path} has {name} {value!r} where the lock records {recorded or 'none'}"


def _of_package(conflicts: frozenset[Conflict], name: str) -> set[Conflict]:
    own = canonicalize_name(name)
    return {
        frozenset((package or own, kind, item) for package, kind, item in conflict) for conflict in conflicts
    }


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "none"
