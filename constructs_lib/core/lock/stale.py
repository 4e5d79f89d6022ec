"""Does uv.lock still answer what pyproject.toml asks?

`uv lock --check` would say so too, but it looks for an interpreter that satisfies `requires-python`, and the
machine that synthesizes need not have the Python that Lambda runs. So the requirements that uv.lock records
(`[package.metadata]`) are compared here, as far as the target can tell them apart: what is compared is what
is built.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, urldefrag, urlsplit

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.project import read_toml

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.runtime import Target

Table = Mapping[str, Any]
LOCK_VERSION = 1
"""The schema of uv.lock that is read here; uv raises it only for changes that older readers cannot read."""
_LOCAL = ("virtual", "editable", "directory")


@dataclass(frozen=True)
class _Wanted:
    """A requirement as both files can say it."""

    name: str
    extras: frozenset[str]
    specifier: SpecifierSet
    source: str

    def __str__(self) -> str:
        extras = f"[{','.join(sorted(self.extras))}]" if self.extras else ""
        source = f" from {self.source}" if self.source else ""
        return f"{self.name}{extras}{self.specifier}{source}"


def check_uv_lock(root: Path, lock: Table, target: Target) -> None:
    """Raise a ProjectError where uv.lock in `root` was made from other requirements than today's.

    Every local project that the lock records is compared: the project itself and its path dependencies. A
    changed version of the project alone is no difference, for it is no part of the layer.
    """
    path = root / "uv.lock"
    version = lock.get("version")
    if version != LOCK_VERSION:
        msg = f"{path} has schema version {version!r}, this release reads {LOCK_VERSION}: upgrade constructs-lib"
        raise ProjectError(msg)
    for package in lock.get("package", ()):
        source = package.get("source", {})
        where = next((source[kind] for kind in _LOCAL if kind in source), None)
        if where is not None:
            _check_project(root / where, package, path, target)
    pyproject = read_toml(root / "pyproject.toml")
    _check_settings(pyproject, lock, path, target)


def _check_project(root: Path, package: Table, lock: Path, target: Target) -> None:
    path = root / "pyproject.toml"
    if not path.is_file():
        return
    pyproject = read_toml(path)
    project: Table = pyproject.get("project", {})
    if not project or "dependencies" in project.get("dynamic", ()):
        return
    asked = set(_asked(project.get("dependencies", ()), pyproject, path, target))
    recorded = set(_recorded(package.get("metadata", {}).get("requires-dist", ()), target))
    _compare(asked, recorded, path, lock)


def _check_settings(pyproject: Table, lock: Table, path: Path, target: Target) -> None:
    settings = pyproject.get("tool", {}).get("uv", {})
    manifest: Table = lock.get("manifest", {})
    file = path.parent / "pyproject.toml"
    for setting, key in (("constraint-dependencies", "constraints"), ("override-dependencies", "overrides")):
        asked = set(_asked(settings.get(setting, ()), pyproject, file, target))
        _compare(asked, set(_recorded(manifest.get(key, ()), target)), file, path)
    wanted = pyproject.get("project", {}).get("requires-python")
    full_version = target.runtime.full_version
    if wanted is None or not isinstance(lock.get("requires-python"), str):
        return
    if SpecifierSet(wanted).contains(full_version) != SpecifierSet(lock["requires-python"]).contains(
        full_version
    ):
        raise _stale(f"{file} asks for Python {wanted}, the lock is for {lock['requires-python']}", path)


def _compare(asked: set[_Wanted], recorded: set[_Wanted], pyproject: Path, lock: Path) -> None:
    missing = sorted(map(str, asked - recorded))
    gone = sorted(map(str, recorded - asked))
    if missing:
        instead = (
            f" where the lock records {', '.join(gone)}" if gone else ", of which the lock knows nothing"
        )
        raise _stale(f"{pyproject} asks for {', '.join(missing)}{instead}", lock)
    if gone:
        raise _stale(f"{pyproject} no longer asks for {', '.join(gone)}", lock)


def _stale(why: str, lock: Path) -> ProjectError:
    return ProjectError(f"{lock} is stale: {why}. Run 'uv lock' in {lock.parent} and commit the result")


def _asked(lines: Iterable[str], pyproject: Table, path: Path, target: Target) -> Iterable[_Wanted]:
    sources = {
        canonicalize_name(name): source
        for name, source in pyproject.get("tool", {}).get("uv", {}).get("sources", {}).items()
    }
    for line in lines:
        try:
            requirement = Requirement(line)
        except InvalidRequirement as error:
            msg = f"{path} has a requirement that is not valid: {str(error).splitlines()[0]} ({line!r})"
            raise ProjectError(msg) from None
        if not _applies(requirement.marker, target):
            continue
        name = canonicalize_name(requirement.name)
        source = _asked_source(requirement.url, _source_for(sources.get(name, ()), target))
        extras = frozenset(map(canonicalize_name, requirement.extras))
        yield _Wanted(name, extras, SpecifierSet() if source else requirement.specifier, source)


def _recorded(rows: Iterable[Table], target: Target) -> Iterable[_Wanted]:
    for row in rows:
        if _applies(Marker(row["marker"]) if "marker" in row else None, target):
            source = _recorded_source(row)
            specifier = SpecifierSet() if source else SpecifierSet(row.get("specifier", ""))
            yield _Wanted(row["name"], frozenset(row.get("extras", ())), specifier, source)


def _applies(marker: Marker | None, target: Target) -> bool:
    environment = cast("dict[str, str]", {**target.environment, "extra": ""})
    return marker is None or marker.evaluate(environment)


def _source_for(sources: Table | Iterable[Table], target: Target) -> Table:
    """The entry of `[tool.uv.sources]` that holds for the target; one name may have several, by marker."""
    rows = [sources] if isinstance(sources, Mapping) else sources
    return next(
        (row for row in rows if _applies(Marker(row["marker"]) if "marker" in row else None, target)), {}
    )


def _asked_source(url: str | None, source: Table) -> str:
    """One spelling for a source that is no index: `path …`, `git …` or `url …`; the index is the empty one."""
    if url is not None and url.startswith("git+"):
        return _git_requirement(url.removeprefix("git+"))
    if url is not None:
        return f"url {urldefrag(url).url}"
    if "path" in source:
        return f"path {posixpath.normpath(source['path'])}"
    if "git" in source:
        named = {key: source[key] for key in ("rev", "tag", "branch", "subdirectory") if key in source}
        return _git(source["git"], named)
    if "url" in source:
        return f"url {source['url']}"
    return "workspace" if source.get("workspace") else ""


def _git_requirement(url: str) -> str:
    address, fragment = urldefrag(url)
    parts = urlsplit(address)
    path, _, revision = parts.path.partition("@")
    named = {key: values[0] for key, values in parse_qs(fragment).items() if key == "subdirectory"}
    return _git(parts._replace(path=path).geturl(), {**({"rev": revision} if revision else {}), **named})


def _recorded_source(row: Table) -> str:
    for kind in ("path", *_LOCAL):
        if kind in row:
            return f"path {posixpath.normpath(row[kind])}"
    if "git" in row:
        parts = urlsplit(row["git"])
        named = {key: values[0] for key, values in parse_qs(parts.query).items()}
        return _git(parts._replace(query="", fragment="").geturl(), named)
    return f"url {row['url']}" if "url" in row else ""


def _git(url: str, named: Mapping[str, str]) -> str:
    return " ".join(["git", url.removesuffix(".git"), *(f"{key}={named[key]}" for key in sorted(named))])
