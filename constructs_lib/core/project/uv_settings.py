"""The settings in `[tool.uv]` that decide what uv locks."""

from __future__ import annotations

from collections import defaultdict
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
_ENVIRONMENT = "an environment marker"
_OPTIONS = {
    "resolution": "resolution-mode",
    "prerelease": "prerelease-mode",
    "fork-strategy": "fork-strategy",
    "exclude-newer": "exclude-newer",
}
_GIT_KEYS = ("rev", "tag", "branch", "subdirectory")


Conflict = frozenset[tuple[str, str, str]]
"""Package, `extra` or `group`, and its name: all normalized."""
MetadataOverrides = dict[tuple[str, str], tuple[frozenset[str], str]]
"""Requirements and `requires-python` that take the place of a package's own, by its name and version."""


class DependencySource(NamedTuple):
    """An entry of `[tool.uv.sources]`: another place than the index for a requirement."""

    marker: Marker | None = None
    """The environments that it is for; None is for all."""
    extra: NormalizedName | None = None
    """The extra whose requirements it is for; None is for all."""
    group: NormalizedName | None = None
    """The dependency group whose requirements it is for; None is for all."""
    is_workspace: bool = False
    path: str | None = None
    git: str | None = None
    git_options: Mapping[str, str] = MappingProxyType({})
    """`rev`, `tag`, `branch` and `subdirectory`, where they are given."""
    url: str | None = None
    index_name: str | None = None
    """The index that it comes from."""

    def is_for(self, extra: NormalizedName | None, group: NormalizedName | None) -> bool:
        """Return whether it holds for a requirement of this extra or group; None is for the main dependencies."""
        return self.extra in (None, extra) and self.group in (None, group)


class UvSettings:
    """The `[tool.uv]` table of a pyproject.toml."""

    def __init__(self, table: TomlTable) -> None:
        self.table = table

    @cached_property
    def sources(self) -> Mapping[NormalizedName, tuple[DependencySource, ...]]:
        """The sources by name of the requirement; one may have several, by marker, extra or group."""
        table = self.table.table("sources")
        return {canonicalize_name(name): tuple(map(_source, table.table_or_tables(name))) for name in table}

    @cached_property
    def constraints(self) -> tuple[Requirement, ...]:
        return self.table.texts_as("constraint-dependencies", Requirement, _MEANING)

    @cached_property
    def excluded(self) -> frozenset[NormalizedName]:
        """The names that uv drops from every requirement."""
        return frozenset(map(canonicalize_name, self.table.texts("exclude-dependencies")))

    @cached_property
    def environments(self) -> tuple[Marker, ...]:
        """The environments that uv locks for; empty for all."""
        if isinstance(self.table.values.get("environments"), str):
            marker = self.table.text_as("environments", Marker, _ENVIRONMENT)
            return (marker,) if marker else ()
        return self.table.texts_as("environments", Marker, _ENVIRONMENT)

    @cached_property
    def conflicts(self) -> frozenset[Conflict]:
        """The declared conflicts, in which an item without a package has an empty one."""
        return read_conflicts(self.table)

    @cached_property
    def metadata_overrides(self) -> MetadataOverrides:
        return read_metadata_overrides(self.table)

    @cached_property
    def resolution_options(self) -> Mapping[str, str]:
        """The options that change which versions uv chooses, by the names that uv.lock has for them."""
        names = _OPTIONS.items()
        return {recorded: value for name, recorded in names if (value := self.table.text(name)) is not None}

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


def read_metadata_overrides(table: TomlTable) -> MetadataOverrides:
    """Return the `dependency-metadata` of a table by name and version; pyproject.toml and uv.lock write it alike."""
    return {
        (canonicalize_name(row.required_text("name")), row.text("version") or ""): (
            frozenset(map(str, row.texts_as("requires-dist", Requirement, _MEANING))),
            row.text("requires-python") or "",
        )
        for row in table.tables("dependency-metadata")
    }


def read_conflicts(table: TomlTable) -> frozenset[Conflict]:
    """Return the `conflicts` of a table; pyproject.toml and uv.lock write them alike."""
    return frozenset(
        frozenset(
            (canonicalize_name(row.text("package") or ""), kind, canonicalize_name(name))
            for row in rows
            for kind in ("extra", "group")
            if (name := row.text(kind)) is not None
        )
        for rows in table.lists_of_tables("conflicts")
    )


def _source(row: TomlTable) -> DependencySource:
    options = {name: value for name in _GIT_KEYS if (value := row.text(name)) is not None}
    return DependencySource(
        row.text_as("marker", Marker, _ENVIRONMENT),
        row.text_as("extra", canonicalize_name, "a name"),
        row.text_as("group", canonicalize_name, "a name"),
        row.flag("workspace"),
        row.text("path"),
        row.text("git"),
        options,
        row.text("url"),
        row.text("index"),
    )
