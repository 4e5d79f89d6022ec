"""The settings in `[tool.uv]` that decide what uv locks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.core.project.toml_table import TomlTable

_MEANING = "a requirement (PEP 508)"
_GIT_KEYS = ("rev", "tag", "branch", "subdirectory")


class DependencySource(NamedTuple):
    """An entry of `[tool.uv.sources]`: another place than the index for a requirement."""

    marker: Marker | None = None
    """The environments that it is for; None is for all."""
    is_workspace: bool = False
    path: str | None = None
    git: str | None = None
    git_options: Mapping[str, str] = MappingProxyType({})
    """`rev`, `tag`, `branch` and `subdirectory`, where they are given."""
    url: str | None = None


@dataclass(frozen=True, eq=False, repr=False)  # never compared: half the time to define it
class UvSettings:
    """The `[tool.uv]` table of a pyproject.toml."""

    table: TomlTable

    @cached_property
    def sources(self) -> Mapping[NormalizedName, tuple[DependencySource, ...]]:
        """The sources by name of the requirement; one may have several, by marker."""
        table = self.table.table("sources")
        return {canonicalize_name(name): tuple(map(_source, table.table_or_tables(name))) for name in table}

    @cached_property
    def constraints(self) -> tuple[Requirement, ...]:
        return self.table.texts_as("constraint-dependencies", Requirement, _MEANING)

    @cached_property
    def overrides(self) -> Mapping[str, tuple[Requirement, ...]]:
        """The overrides by their scope, as `override_scope` names it."""
        scopes: defaultdict[str, list[Requirement]] = defaultdict(list)
        for key, row in self.table.texts_or_tables("override-dependencies"):
            if isinstance(row, str):
                scopes[""].append(self.table.convert(key, row, Requirement, _MEANING))
            else:
                scopes[override_scope(row)] += row.texts_as("dependencies", Requirement, _MEANING)
        return {scope: tuple(requirements) for scope, requirements in scopes.items()}


def override_scope(row: TomlTable) -> str:
    """Return the package whose dependencies a scoped override changes, `name` or `name==version`.

    pyproject.toml and uv.lock write it alike: `{ package = { name = "x" }, dependencies = […] }`.
    """
    package = row.table("package")
    version = package.text("version")
    return canonicalize_name(package.required_text("name")) + (f"=={version}" if version else "")


def _source(row: TomlTable) -> DependencySource:
    options = {name: value for name in _GIT_KEYS if (value := row.text(name)) is not None}
    return DependencySource(
        row.text_as("marker", Marker, "an environment marker"),
        row.flag("workspace"),
        row.text("path"),
        row.text("git"),
        options,
        row.text("url"),
    )
