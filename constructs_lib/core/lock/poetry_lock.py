"""A poetry.lock, parsed once into a typed value."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from constructs_lib.core.lock.locked_values import is_of
from constructs_lib.core.project.poetry_python import poetry_ranges
from constructs_lib.core.project.toml_table import TomlTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from packaging.specifiers import SpecifierSet

    from constructs_lib.core.project.pyproject import PyProject

MAIN = canonicalize_name("main")
_COMPLETE = (2, 1)
"""The first schema that records groups and markers; later ones of the same major version only add to it."""
_VERSION = re.compile(r"(\d+)\.(\d+)")
# The keys that Poetry hashes, in `poetry.packages.locker`.
_PROJECT_KEYS = ("requires-python", "dependencies", "optional-dependencies")
_LEGACY_KEYS = ("dependencies", "source", "extras", "dev-dependencies")


class LockedArtifact(NamedTuple):
    """A wheel or source distribution that the lock lists for a package."""

    filename: str
    hashes: Mapping[str, str]
    """By algorithm, in hex."""


class PoetrySource(NamedTuple):
    """The place that a package comes from, where that is not the default index."""

    kind: str
    """`legacy` for an index, or `directory`, `file`, `url`, `git`; empty for the default index."""
    url: str
    reference: str | None
    commit: str | None
    subdirectory: str | None


@dataclass(frozen=True, eq=False, repr=False)  # never compared: half the time to define it
class PoetryPackage:
    """A `[[package]]`."""

    name: NormalizedName
    version: str
    table: TomlTable
    artifacts: tuple[LockedArtifact, ...]
    source: PoetrySource

    def markers(self) -> dict[NormalizedName, str]:
        """Return the marker of each group that installs it; an empty one always applies."""
        groups = [canonicalize_name(name) for name in self.table.texts("groups")]
        if not isinstance(self.table.values.get("markers"), dict):
            return dict.fromkeys(groups, self.table.text("markers") or "")
        table = self.table.table("markers")
        by_group = {canonicalize_name(name): table.text(name) or "" for name in table}
        return {group: by_group.get(group, "") for group in groups}


@dataclass(frozen=True, eq=False, repr=False)  # never compared: half the time to define it
class PoetryLock:
    """A parsed poetry.lock; every wrong shape is a ProjectError `lock-invalid` with file and key."""

    document: TomlTable

    @property
    def path(self) -> Path:
        return self.document.path

    @property
    def _metadata(self) -> TomlTable:
        return self.document.table("metadata")

    @property
    def version(self) -> str:
        """The version of the schema; empty before Poetry 1.0."""
        return self._metadata.text("lock-version") or ""

    @property
    def is_complete(self) -> bool:
        """True if it records which groups install a package, and where."""
        match = _VERSION.fullmatch(self.version)
        return match is not None and _COMPLETE <= (int(match[1]), int(match[2])) < (_COMPLETE[0] + 1, 0)

    @property
    def python_ranges(self) -> tuple[SpecifierSet, ...]:
        """The alternatives of the Pythons that it was made for; empty for any."""
        return (
            self._metadata.text_as("python-versions", poetry_ranges, "a version constraint of Poetry") or ()
        )

    def fits(self, pyproject: PyProject) -> bool:
        """Return whether it was made from these requirements, by the hash that Poetry takes of them."""
        return self._metadata.text("content-hash") == content_hash(pyproject)

    @cached_property
    def extras(self) -> frozenset[NormalizedName]:
        return frozenset(map(canonicalize_name, self.document.table("extras")))

    @cached_property
    def packages(self) -> tuple[PoetryPackage, ...]:
        return tuple(map(self._package, self.document.tables("package")))

    def _package(self, table: TomlTable) -> PoetryPackage:
        written = table.required_text("name")
        name = table.required_text_as("name", _valid_name, "a distribution's name")
        version = str(table.required_text_as("version", Version, "a version"))
        # Up to 1.1 the files of all versions stand together.
        rows = table.tables("files") if "files" in table else self._metadata.table("files").tables(written)
        source = table.table("source")
        kind = source.text("type") or ""
        return PoetryPackage(
            name,
            version,
            table,
            tuple(_artifacts(rows, (name, version), is_index=kind in ("", "legacy"))),
            PoetrySource(
                kind,
                source.required_text("url") if kind else "",
                source.text("reference"),
                source.text("resolved_reference"),
                source.text("subdirectory"),
            ),
        )


@lru_cache(maxsize=2)
def parse_poetry_lock(content: bytes, path: Path) -> PoetryLock:
    """Parse the bytes of the poetry.lock at `path`."""
    return PoetryLock(TomlTable.parse(content, path, "lock-invalid"))


def content_hash(pyproject: PyProject) -> str:
    """Return Poetry's hash (sha256, hex) of the requirements in a pyproject.toml."""
    document = pyproject.document
    groups = document.table("dependency-groups").values
    poetry = document.table("tool").table("poetry").values
    project = document.table("project").values
    project = {key: project[key] for key in _PROJECT_KEYS if key in project}
    has_project = bool(project or groups)
    # Of a project in the older form alone, missing keys count as null.
    written = {
        key: poetry.get(key)
        for key in (*_LEGACY_KEYS, "group")
        if key in poetry or (key in _LEGACY_KEYS and not has_project)
    }
    tables = {"project": project, "dependency-groups": groups}
    relevant = {name: table for name, table in tables.items() if table}
    content = {**relevant, "tool": {"poetry": written}} if has_project else written
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def _valid_name(text: str) -> NormalizedName:
    return canonicalize_name(text, validate=True)


def _artifacts(
    rows: list[TomlTable], release: tuple[str, str], *, is_index: bool
) -> Iterator[LockedArtifact]:
    for row in rows:
        filename = row.required_text("file")
        if is_index and not is_of(filename, *release):
            continue
        algorithm, _, digest = row.required_text("hash").partition(":")
        yield LockedArtifact(filename, {algorithm: digest})
