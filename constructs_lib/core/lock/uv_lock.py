"""A uv.lock, parsed once into a typed value with normalized names."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name

from constructs_lib.core.project.toml_table import TomlTable
from constructs_lib.core.project.uv_settings import (
    override_scope,
    read_conflicts,
    read_metadata_overrides,
)
from constructs_lib.core.system.files import reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from constructs_lib.core.project.uv_settings import Conflict, MetadataOverrides

_FOLDERS = ("virtual", "editable", "directory")
_SOURCES = (*_FOLDERS, "path", "registry", "git", "url")


class UvSource(NamedTuple):
    """The place that a package comes from."""

    kind: str
    """One of `_SOURCES`; empty for none that this release reads."""
    location: str
    """An address, or a path relative to the lock's folder."""

    @property
    def is_folder(self) -> bool:
        """True for a project on this machine."""
        return self.kind in _FOLDERS


class Need(NamedTuple):
    """A package that another one needs, with the extras that it asks for."""

    name: NormalizedName
    extras: tuple[NormalizedName, ...]


class RecordedRequirement(NamedTuple):
    """A requirement of a local project, as it was when uv locked it."""

    name: NormalizedName
    extras: frozenset[NormalizedName]
    marker: Marker | None
    specifier: SpecifierSet
    source: UvSource
    index_url: str = ""
    """The address of the index that `[tool.uv.sources]` named."""


class UvPackage(NamedTuple):
    """A `[[package]]`."""

    name: NormalizedName
    source: UvSource
    table: TomlTable

    def dependencies(self) -> Iterator[Need]:
        """Yield the packages that it needs itself."""
        return _needs(self.table, "dependencies")

    def of_all_extras(self) -> Iterator[Need]:
        return _all_needs(self.table.table("optional-dependencies"))

    def of_all_groups(self) -> Iterator[Need]:
        return _all_needs(self.table.table("dev-dependencies"))

    def of_extra(self, name: NormalizedName) -> Iterator[Need]:
        """Yield the packages that an extra brings; extras that it names in turn are in it."""
        return _needs(self.table.table("optional-dependencies"), name)

    def of_group(self, name: NormalizedName) -> Iterator[Need]:
        """Yield the packages that a dependency group brings."""
        return _needs(self.table.table("dev-dependencies"), name)

    def requirements(
        self, groups: Iterable[str] = (), only_groups: Iterable[str] = ()
    ) -> Iterator[RecordedRequirement]:
        """Return what the project asked for, extras as markers; `only_groups` take the place of the main ones."""
        metadata = self.table.table("metadata")
        only_groups = tuple(only_groups)
        if not only_groups:
            yield from map(_requirement, metadata.tables("requires-dist"))
        yield from _of_groups(metadata.table("requires-dev"), (*groups, *only_groups))


class UvLock:
    """A parsed uv.lock; a key is checked when it is first read.

    Every wrong shape is a ProjectError `lock-invalid` with file and key.
    """

    def __init__(self, document: TomlTable) -> None:
        self.document = document

    @property
    def path(self) -> Path:
        return self.document.path

    @property
    def version(self) -> int | None:
        """The version of the schema."""
        return self.document.number("version")

    @cached_property
    def requires_python(self) -> SpecifierSet | None:
        return self.document.text_as("requires-python", SpecifierSet, "a version specifier")

    @cached_property
    def packages(self) -> tuple[UvPackage, ...]:
        return tuple(
            UvPackage(_name(row), _source(row.table("source")), row)
            for row in self.document.tables("package")
        )

    @cached_property
    def folders(self) -> Mapping[NormalizedName, UvPackage]:
        """The packages that are projects on this machine."""
        return {package.name: package for package in self.packages if package.source.is_folder}

    @cached_property
    def members(self) -> frozenset[NormalizedName]:
        """The members of the workspace; empty for a lock of one project."""
        return frozenset(map(canonicalize_name, self._manifest.texts("members")))

    @cached_property
    def excluded(self) -> frozenset[NormalizedName]:
        return frozenset(map(canonicalize_name, self._manifest.texts("excludes")))

    @cached_property
    def environments(self) -> tuple[Marker, ...]:
        """The environments that it was made for; empty for all."""
        return self.document.texts_as("supported-markers", Marker, "an environment marker")

    @cached_property
    def conflicts(self) -> frozenset[Conflict]:
        return read_conflicts(self.document)

    def option(self, name: str) -> str | None:
        """Return an option that the versions were chosen with; None for uv's default."""
        return self.document.table("options").text(name)

    def root_requirements(self, groups: Iterable[str]) -> Iterator[RecordedRequirement]:
        """Return what the dependency groups of a workspace's root asked for that is no project itself."""
        return _of_groups(self._manifest.table("dependency-groups"), groups)

    @cached_property
    def metadata_overrides(self) -> MetadataOverrides:
        return read_metadata_overrides(self._manifest)

    @cached_property
    def constraints(self) -> tuple[RecordedRequirement, ...]:
        return tuple(map(_requirement, self._manifest.tables("constraints")))

    @cached_property
    def overrides(self) -> Mapping[str, tuple[RecordedRequirement, ...]]:
        """The overrides by their scope, as `override_scope` names it; empty for all packages."""
        scopes: defaultdict[str, list[RecordedRequirement]] = defaultdict(list)
        for row in self._manifest.tables("overrides"):
            if "package" in row:
                scopes[override_scope(row)] += map(_requirement, row.tables("dependencies"))
            else:
                scopes[""].append(_requirement(row))
        return {scope: tuple(requirements) for scope, requirements in scopes.items()}

    @property
    def _manifest(self) -> TomlTable:
        return self.document.table("manifest")

    def is_at(self, package: UvPackage, folder: Path) -> bool:
        """Return whether the local `package` is the project in `folder`, a resolved path."""
        return (self.path.parent / package.source.location).resolve() == folder


def read_uv_lock(path: Path) -> UvLock:
    """Read a uv.lock that must exist, be UTF-8 and carry no credentials."""
    with reading(path):
        content = path.read_bytes()
    return parse_uv_lock(content, path)


# A member's build reads its workspace's lock twice, to find it and to compare it, and an app has several layers of
# one lock. Not more than two, since a parsed lock takes some MB.
@lru_cache(maxsize=2)
def parse_uv_lock(content: bytes, path: Path) -> UvLock:
    """Parse the bytes of the uv.lock at `path`."""
    return UvLock(TomlTable.parse(content, path, "lock-invalid"))


def _source(table: TomlTable) -> UvSource:
    kind = next((kind for kind in _SOURCES if kind in table), "")
    return UvSource(kind, table.required_text(kind) if kind else "")


def _requirement(row: TomlTable) -> RecordedRequirement:
    return RecordedRequirement(
        _name(row),
        frozenset(map(canonicalize_name, row.texts("extras"))),
        row.text_as("marker", Marker, "an environment marker"),
        row.text_as("specifier", SpecifierSet, "a version specifier") or SpecifierSet(),
        _source(row),
        row.text("index") or "",
    )


def _of_groups(by_group: TomlTable, groups: Iterable[str]) -> Iterator[RecordedRequirement]:
    written = {canonicalize_name(name): name for name in by_group}
    for group in groups:
        if (name := written.get(canonicalize_name(group))) is not None:
            yield from map(_requirement, by_group.tables(name))


def _needs(table: TomlTable, name: str) -> Iterator[Need]:
    for row in table.tables(name):
        yield Need(_name(row), tuple(map(canonicalize_name, row.texts("extra"))))


def _all_needs(lists: TomlTable) -> Iterator[Need]:
    for name in lists:
        yield from _needs(lists, name)


def _name(row: TomlTable) -> NormalizedName:
    return row.required_text_as("name", _valid_name, "a distribution's name")


def _valid_name(text: str) -> NormalizedName:
    return canonicalize_name(text, validate=True)
