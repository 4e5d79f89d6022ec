"""The dependency groups of a pyproject.toml (PEP 735), resolved with the groups that they include."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from packaging.dependency_groups import DependencyGroupInclude, DependencyGroupResolver
from packaging.errors import ExceptionGroup
from packaging.utils import NormalizedName, canonicalize_name

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.project.toml_table import cut

if TYPE_CHECKING:
    from packaging.requirements import Requirement

    from constructs_lib.core.project.toml_table import TomlTable


class DependencyGroups:
    """The table `[dependency-groups]` of a document."""

    def __init__(self, document: TomlTable) -> None:
        self._document = document
        self._table = document.table("dependency-groups")

    def of(self, name: NormalizedName) -> tuple[Requirement, ...]:
        """Return the requirements of a group and of those it includes; nothing for an unknown one."""
        if name not in self._resolver.dependency_groups:
            return ()
        try:
            return self._resolver.resolve(name)
        except ExceptionGroup as errors:
            raise self._explained(name, errors) from None
        except RecursionError:
            raise self._refusal(self._key(name), "its includes are nested too deeply") from None

    @cached_property
    def _resolver(self) -> DependencyGroupResolver:
        try:
            return DependencyGroupResolver(self._table.values)
        except ExceptionGroup as errors:
            raise self._refusal("dependency-groups", str(errors.exceptions[0])) from None

    def _explained(self, name: NormalizedName, errors: ExceptionGroup) -> ProjectError:
        """Name the included group that cannot be parsed; else, as for a cycle, the requested one."""
        waiting, looked_up = [name], set[NormalizedName]()
        while waiting:
            group = waiting.pop()
            if group in looked_up or group not in self._resolver.dependency_groups:
                continue
            looked_up.add(group)
            try:
                members = self._resolver.lookup(group)
            except ExceptionGroup as unparsed:
                return self._refusal(self._key(group), str(unparsed.exceptions[0]))
            waiting += [
                canonicalize_name(member.include_group)
                for member in members
                if isinstance(member, DependencyGroupInclude)
            ]
        return self._refusal(self._key(name), str(errors.exceptions[0]))

    def _key(self, group: NormalizedName) -> str:
        return self._table.key_of(next(name for name in self._table if canonicalize_name(name) == group))

    def _refusal(self, key: str, reason: str) -> ProjectError:
        # Parsers of `packaging` quote the text on further lines and mark the place.
        first_line = cut("".join(reason.splitlines()[:1]))
        return ProjectError(
            self._document.error_id, f"{self._document.path}: {key} is not valid: {first_line}"
        )
