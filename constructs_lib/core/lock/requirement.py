"""A requirement that pyproject.toml and uv.lock write differently, in one form that can be compared."""

from __future__ import annotations

import posixpath
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, cast
from urllib.parse import parse_qs, urldefrag, urlsplit

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name

from constructs_lib.core.project.requirements import ScopedRequirement
from constructs_lib.core.project.toml_table import cut
from constructs_lib.core.project.uv_settings import DependencySource
from constructs_lib.core.system.secrets import without_user

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from packaging.markers import Marker
    from packaging.requirements import Requirement

    from constructs_lib.core.lock.uv_lock import RecordedRequirement
    from constructs_lib.core.target import Target

_INDEX = DependencySource()


class TargetRequirement(NamedTuple):
    """A requirement as it holds for one target; `source` is empty for the index."""

    name: NormalizedName
    extras: frozenset[NormalizedName]
    specifier: SpecifierSet
    source: str
    index_url: str | None = ""
    """The address of the index that a source names; empty for none, None for one whose address is not known."""

    def __str__(self) -> str:
        extras = f"[{','.join(sorted(self.extras))}]" if self.extras else ""
        source = f" from {self.source or self.index_url}" if self.source or self.index_url else ""
        return cut(f"{self.name}{extras}{self.specifier}{source}")


class SourceTable(NamedTuple):
    """The `[tool.uv.sources]` of one pyproject.toml."""

    folder: str
    """The folder its paths are relative to, itself relative to that of uv.lock."""
    sources: Mapping[NormalizedName, tuple[DependencySource, ...]]
    indexes: Mapping[str, str] = MappingProxyType({})
    """The addresses of the indexes that it declares, by name."""


class RequirementReader:
    """Reads requirements for one target; paths become relative to `root`, the folder of uv.lock."""

    def __init__(self, root: Path, folders: Mapping[NormalizedName, str], target: Target) -> None:
        self.root = root
        self.folders = folders
        """The folder of each local project, relative to `root`."""
        self.target = target

    def asked(
        self, requirements: Iterable[ScopedRequirement], tables: Sequence[SourceTable]
    ) -> Iterator[TargetRequirement]:
        """Yield the requirements of a pyproject.toml that apply to the target; later tables come first."""
        for scoped in requirements:
            requirement = scoped.requirement
            if not self._applies(requirement.marker, scoped.extra or ""):
                continue
            name = canonicalize_name(requirement.name)
            source, index = self._asked_source(name, scoped, tables)
            extras = frozenset(map(canonicalize_name, requirement.extras))
            specifier = SpecifierSet() if source else requirement.specifier
            yield TargetRequirement(name, extras, specifier, source, index)

    def of_extra(self, requirement: Requirement, extras: Iterable[NormalizedName]) -> ScopedRequirement:
        """Return a requirement of a wheel's metadata, which has its extra in the marker, with that extra."""
        if self._applies(requirement.marker):
            return ScopedRequirement(requirement)
        applying = (extra for extra in extras if self._applies(requirement.marker, extra))
        return ScopedRequirement(requirement, next(applying, None))

    def recorded(
        self, requirements: Iterable[RecordedRequirement], extras: Sequence[str] = ()
    ) -> Iterator[TargetRequirement]:
        """Yield the requirements of a uv.lock that apply to the target with these extras of the project."""
        for requirement in requirements:
            if any(self._applies(requirement.marker, extra) for extra in ("", *extras)):
                source = self._recorded_source(requirement)
                specifier = SpecifierSet() if source else requirement.specifier
                index = _address(requirement.index_url)
                yield TargetRequirement(requirement.name, requirement.extras, specifier, source, index)

    def _applies(self, marker: Marker | None, extra: str = "") -> bool:
        if marker is None:
            return True
        return marker.evaluate(cast("dict[str, str]", {**self.target.environment, "extra": extra}))

    def _asked_source(
        self, name: NormalizedName, scoped: ScopedRequirement, tables: Sequence[SourceTable]
    ) -> tuple[str, str | None]:
        """Return the place that a requirement comes from, or the address of the index that its source names."""
        url = scoped.requirement.url
        if url is not None:
            is_git = url.startswith("git+")
            return _git_requirement(url.removeprefix("git+")) if is_git else self._url(url), ""
        table = next((table for table in reversed(tables) if name in table.sources), SourceTable(".", {}))
        # One name may have several sources, each for other environments, extras or groups.
        rows = (
            source
            for source in table.sources.get(name, ())
            if self._applies(source.marker) and source.is_for(scoped.extra, scoped.group)
        )
        source = next(rows, _INDEX)
        if source.index_name is not None:
            return "", _index_address(source.index_name, tables)
        return self._source(name, source, table), ""

    def _source(self, name: NormalizedName, source: DependencySource, table: SourceTable) -> str:
        if source.is_workspace:
            return f"path {self.folders.get(name, '(no member of the workspace)')}"
        if source.path is not None:
            return f"path {self._relative(posixpath.join(table.folder, source.path))}"
        if source.git is not None:
            return _git(source.git, source.git_options)
        return f"url {source.url}" if source.url is not None else ""

    def _recorded_source(self, requirement: RecordedRequirement) -> str:
        kind, location = requirement.source
        if kind == "path" or requirement.source.is_folder:
            return f"path {self._relative(location)}"
        if kind == "git":
            parts = urlsplit(location)
            options = {key: values[0] for key, values in parse_qs(parts.query).items()}
            return _git(parts._replace(query="", fragment="").geturl(), options)
        return self._url(location) if kind == "url" else ""

    def _url(self, url: str) -> str:
        # A `file:` address in pyproject.toml is a path in uv.lock.
        if url.startswith("file://"):
            return f"path {self._relative(urlsplit(url).path)}"
        return f"url {urldefrag(url).url}"

    def _relative(self, path: str) -> str:
        absolute = posixpath.normpath(posixpath.join(self.root.as_posix(), path))
        return posixpath.relpath(absolute, self.root.as_posix())


def _index_address(name: str, tables: Sequence[SourceTable]) -> str | None:
    """Return the address of a declared index; None for one of uv.toml or the environment, or a folder."""
    address = next((table.indexes[name] for table in reversed(tables) if name in table.indexes), "")
    return _address(address) if address.startswith(("https:", "http:")) else None


def _address(url: str) -> str:
    return without_user(url)[0].rstrip("/")


def _git_requirement(url: str) -> str:
    address, fragment = urldefrag(url)
    parts = urlsplit(address)
    path, _, revision = parts.path.partition("@")
    options = {key: values[0] for key, values in parse_qs(fragment).items() if key == "subdirectory"}
    return _git(parts._replace(path=path).geturl(), {**({"rev": revision} if revision else {}), **options})


def _git(url: str, options: Mapping[str, str]) -> str:
    return " ".join(["git", url.removesuffix(".git"), *(f"{key}={options[key]}" for key in sorted(options))])
