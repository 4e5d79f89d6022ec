"""The requirements in a pyproject.toml: dependencies, extras (PEP 621) and dependency groups (PEP 735)."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from constructs_lib.core.errors import ProjectError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from constructs_lib.core.project.dependency_groups import DependencyGroups
    from constructs_lib.core.project.toml_table import TomlTable

_MEANING = "a requirement (PEP 508)"


class ScopedRequirement(NamedTuple):
    """A requirement with the extra or the group that asks for it; neither for a main dependency."""

    requirement: Requirement
    extra: NormalizedName | None = None
    group: NormalizedName | None = None


class ProjectRequirements:
    """The requirements of a project, by normalized names of extras and groups."""

    def __init__(self, document: TomlTable) -> None:
        self.document = document

    @cached_property
    def main(self) -> tuple[Requirement, ...]:
        """The `dependencies` of `[project]`."""
        return self.document.table("project").texts_as("dependencies", Requirement, _MEANING)

    def of_extra(self, name: str) -> tuple[Requirement, ...]:
        """Return what an extra adds; nothing for an unknown one, which the lock's tool reports."""
        written = self._extras.get(canonicalize_name(name))
        table = self.document.table("project").table("optional-dependencies")
        return () if written is None else table.texts_as(written, Requirement, _MEANING)

    def of_group(self, name: str) -> tuple[Requirement, ...]:
        """Return a dependency group with those it includes; nothing for an unknown one.

        uv's older `dev-dependencies` belong to the group `dev`.
        """
        normalized = canonicalize_name(name)
        requirements = self._groups.of(normalized)
        if normalized == "dev":
            settings = self.document.table("tool").table("uv")
            requirements += settings.texts_as("dev-dependencies", Requirement, _MEANING)
        return requirements

    def chosen(
        self, extras: Iterable[str] = (), groups: Sequence[str] = (), only_groups: Sequence[str] = ()
    ) -> tuple[Requirement, ...]:
        """Return the direct requirements of a selection; `only_groups` take the place of main and extras."""
        chosen = [] if only_groups else [*self.scoped_main(extras)]
        chosen += self.scoped_groups((*groups, *only_groups))
        return tuple(scoped.requirement for scoped in chosen)

    def scoped_main(self, extras: Iterable[str] = ()) -> Iterator[ScopedRequirement]:
        """Yield the main dependencies and those of `extras`."""
        yield from map(ScopedRequirement, self.main)
        for name in extras:
            extra = canonicalize_name(name)
            yield from (ScopedRequirement(requirement, extra) for requirement in self.of_extra(extra))

    def scoped_groups(self, names: Iterable[str]) -> Iterator[ScopedRequirement]:
        """Yield the requirements of dependency groups; those of an included group belong to the one that includes it."""
        for name in names:
            group = canonicalize_name(name)
            yield from (ScopedRequirement(requirement, None, group) for requirement in self.of_group(group))

    @cached_property
    def _extras(self) -> Mapping[NormalizedName, str]:
        """The name as it is written, by normalized name."""
        table = self.document.table("project").table("optional-dependencies")
        written: dict[NormalizedName, str] = {}
        for name in table:
            if (first := written.setdefault(canonicalize_name(name), name)) != name:
                raise ProjectError(
                    table.error_id,
                    f"{table.path}: {table.key_of(name)} and {table.key_of(first)} are two names of one extra",
                )
        return written

    @cached_property
    def _groups(self) -> DependencyGroups:
        # 1 ms, most of it for packaging: only where a group is asked for.
        from constructs_lib.core.project.dependency_groups import DependencyGroups

        return DependencyGroups(self.document)
