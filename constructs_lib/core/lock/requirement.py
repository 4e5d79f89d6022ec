"""A requirement as both pyproject.toml and uv.lock can say it, so that the two can be compared."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, urldefrag, urlsplit

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as PyPARequirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from constructs_lib.core.errors import ProjectError

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.target import Target

Table = Mapping[str, Any]


@dataclass(frozen=True)
class Requirement:
    """What is asked for on one target; `source` is empty for the index."""

    name: str
    extras: frozenset[str]
    specifier: SpecifierSet
    source: str

    def __str__(self) -> str:
        extras = f"[{','.join(sorted(self.extras))}]" if self.extras else ""
        source = f" from {self.source}" if self.source else ""
        return f"{self.name}{extras}{self.specifier}{source}"


@dataclass(frozen=True)
class Reader:
    """Reads requirements for one target; paths become relative to `root`, the folder of uv.lock."""

    root: Path
    local: Mapping[str, str]
    """Name of each local project → its folder, relative to `root`."""
    target: Target

    def asked(
        self, lines: Iterable[str], sources: Sequence[tuple[str, Table]], path: Path
    ) -> Iterator[Requirement]:
        """The lines of a pyproject.toml (at `path`) that apply to the target.

        `sources` are `[tool.uv.sources]` tables with the folder each is relative to; the later ones win.
        """
        named = {
            canonicalize_name(name): (where, row) for where, table in sources for name, row in table.items()
        }
        for line in lines:
            try:
                requirement = PyPARequirement(line)
            except InvalidRequirement as error:
                msg = f"{path} has a requirement that is not valid: {str(error).splitlines()[0]} ({line!r})"
                raise ProjectError(msg) from None
            if not self._applies(requirement.marker):
                continue
            name = canonicalize_name(requirement.name)
            where, rows = named.get(name, (".", ()))
            source = self._asked_source(name, requirement.url, where, self._source_for(rows))
            extras = frozenset(map(canonicalize_name, requirement.extras))
            yield Requirement(name, extras, SpecifierSet() if source else requirement.specifier, source)

    def recorded(self, rows: Iterable[Table], extras: Sequence[str] = ()) -> Iterator[Requirement]:
        """The rows of a uv.lock that apply to the target, with these extras of the project."""
        for row in rows:
            marker = Marker(row["marker"]) if "marker" in row else None
            if any(self._applies(marker, extra) for extra in ("", *extras)):
                source = self._recorded_source(row)
                specifier = SpecifierSet() if source else SpecifierSet(row.get("specifier", ""))
                yield Requirement(row["name"], frozenset(row.get("extras", ())), specifier, source)

    def _applies(self, marker: Marker | None, extra: str = "") -> bool:
        environment = cast("dict[str, str]", {**self.target.environment, "extra": extra})
        return marker is None or marker.evaluate(environment)

    def _source_for(self, sources: Table | Iterable[Table]) -> Table:
        """The entry that holds for the target; one name may have several, by marker."""
        rows = [sources] if isinstance(sources, Mapping) else sources
        return next(
            (row for row in rows if self._applies(Marker(row["marker"]) if "marker" in row else None)), {}
        )

    def _asked_source(self, name: str, url: str | None, where: str, source: Table) -> str:
        if url is not None and url.startswith("git+"):
            return _git_requirement(url.removeprefix("git+"))
        if url is not None:
            return self._url(url)
        if source.get("workspace"):
            return f"path {self.local.get(name, '(no member of the workspace)')}"
        if "path" in source:
            return f"path {self._relative(posixpath.join(where, source['path']))}"
        if "git" in source:
            named = {key: source[key] for key in ("rev", "tag", "branch", "subdirectory") if key in source}
            return _git(source["git"], named)
        return f"url {source['url']}" if "url" in source else ""

    def _recorded_source(self, row: Table) -> str:
        for kind in ("path", "virtual", "editable", "directory"):
            if kind in row:
                return f"path {self._relative(row[kind])}"
        if "git" in row:
            parts = urlsplit(row["git"])
            named = {key: values[0] for key, values in parse_qs(parts.query).items()}
            return _git(parts._replace(query="", fragment="").geturl(), named)
        return self._url(row["url"]) if "url" in row else ""

    def _url(self, url: str) -> str:
        """A `file:` address is a path in uv.lock."""
        if url.startswith("file://"):
            return f"path {self._relative(urlsplit(url).path)}"
        return f"url {urldefrag(url).url}"

    def _relative(self, path: str) -> str:
        absolute = posixpath.normpath(posixpath.join(self.root.as_posix(), path))
        return posixpath.relpath(absolute, self.root.as_posix())


def _git_requirement(url: str) -> str:
    address, fragment = urldefrag(url)
    parts = urlsplit(address)
    path, _, revision = parts.path.partition("@")
    named = {key: values[0] for key, values in parse_qs(fragment).items() if key == "subdirectory"}
    return _git(parts._replace(path=path).geturl(), {**({"rev": revision} if revision else {}), **named})


def _git(url: str, named: Mapping[str, str]) -> str:
    return " ".join(["git", url.removesuffix(".git"), *(f"{key}={named[key]}" for key in sorted(named))])
