"""Pipfile.lock, the lock file of Pipenv: JSON with versions and hashes, one table for each category of packages."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from packaging.utils import canonicalize_name

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked_rows import LockedRow, export_rows, named_file
from constructs_lib.core.lock.locked_values import (
    applies,
    archive_or_directory,
    first_line,
    index_address,
    parse_marker,
    quoted,
    sha256_of,
    version_of,
)
from constructs_lib.core.project.toml_table import TomlTable, cut
from constructs_lib.core.system.files import reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from constructs_lib.core.lock.locked import Exported, ExportRequest, LockOptions

_DEFAULT = "default"
_CATEGORIES = {"packages": _DEFAULT, "dev-packages": "develop", "dev": "develop"}
"""The names that a Pipfile and people use for the lock file's tables."""
_VERSION = re.compile(r"={2,3}\s*([^\s*=][^\s*]*)")
_VCS = ("git", "hg", "svn", "bzr")
_MARKERS = (
    *("os_name", "sys_platform", "platform_machine", "platform_python_implementation", "platform_release"),
    *("platform_system", "platform_version", "python_version", "python_full_version", "implementation_name"),
    "implementation_version",
)
"""Markers that older releases write as keys of their own."""
_NOT_HASHED = frozenset({"source", "packages", "dev-packages", "requires", "scripts", "pipfile", "pipenv"})


class _Source(NamedTuple):
    name: str
    url: str


def export(request: ExportRequest) -> Exported:
    """Read the file; the index is asked for the addresses of the files, which it does not name."""
    path, options = request.manifest.path, request.options
    if options.extras:
        raise ProjectError(
            "selection-unsupported", f"{path} has no extras: choose categories of the Pipfile with groups"
        )
    document = _parse(request.manifest.content, path)
    meta = document.table("_meta")
    _check_fresh(request.project.root / "Pipfile", meta)
    _check_python(meta, request)
    sources = [
        _Source(row.text("name") or "", index_address(row.text("url") or ""))
        for row in meta.tables("sources")
    ]
    rows = [
        row
        for category in _chosen(document, options)
        for row in _rows(document.table(category), sources, request)
    ]
    return export_rows(rows, request, [source.url for source in sources if source.url])


def _parse(content: bytes, path: Path) -> TomlTable:
    with reading(path):
        text = content.decode("utf-8-sig")
    try:
        values = json.loads(text)
    except RecursionError:
        raise ProjectError("lock-invalid", f"{path} is not valid JSON: it is nested too deeply") from None
    except ValueError as error:
        raise ProjectError("lock-invalid", f"{path} is not valid JSON: {first_line(error)}") from None
    if not isinstance(values, dict):
        raise ProjectError("lock-invalid", f"{path} is no Pipfile.lock: it holds no JSON object")
    return TomlTable(values, path, "lock-invalid")


def _check_fresh(pipfile: Path, meta: TomlTable) -> None:
    """Compare the hash of the Pipfile, where there is one, with the one that the lock was made of.

    Newer releases of Pipenv hash the normalized names of packages, older ones the names as they are written.
    """
    recorded = meta.table("hash").text("sha256")
    if recorded is None or not pipfile.is_file():
        return
    tables = TomlTable.read(pipfile, "pipfile-invalid").values
    if recorded not in (_hash(tables, meta, pipfile, canonicalize_name), _hash(tables, meta, pipfile, str)):
        raise ProjectError(
            "lock-stale",
            f"{meta.path} is stale: {pipfile} has changed since. Run 'pipenv lock' in {pipfile.parent} and commit it",
        )


def _hash(tables: Mapping[str, Any], meta: TomlTable, pipfile: Path, spelling: Callable[[str], str]) -> str:
    """Return the sha256 of a parsed Pipfile: compact JSON with sorted keys, the packages by category.

    The sources of a Pipfile without any are in the lock file.
    """
    categories = {"default": "packages", "develop": "dev-packages"}
    categories |= {name: name for name in tables if name not in {*_NOT_HASHED, *categories}}
    hashed: dict[str, Any] = {
        "_meta": {
            "sources": tables.get("source", meta.values.get("sources")),
            "requires": tables.get("requires", {}),
        }
    }
    for category, name in categories.items():
        packages = tables.get(name, {})
        is_table = isinstance(packages, dict)
        hashed[category] = {spelling(key): row for key, row in packages.items()} if is_table else packages
    try:
        text = json.dumps(hashed, sort_keys=True, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError):
        raise ProjectError("pipfile-invalid", f"{pipfile} holds a value that Pipenv cannot lock") from None
    return hashlib.sha256(text.encode()).hexdigest()


def _check_python(meta: TomlTable, request: ExportRequest) -> None:
    """Refuse a lock for another Python: Pipenv resolves for one, and the others may need more packages."""
    requires, target = meta.table("requires"), request.target
    version = requires.text("python_version") or requires.text("python_full_version") or ""
    if version and version != "*" and ".".join(version.split(".")[:2]) != target.python_version:
        raise ProjectError(
            "python-not-allowed",
            f"{meta.path} is for Python {cut(version)}, not for {target}: choose that runtime, or change [requires] in the "
            f"Pipfile and run 'pipenv lock'",
        )


def _chosen(document: TomlTable, options: LockOptions) -> list[str]:
    """Return the tables to install, those of the default packages first."""
    available: dict[str, str] = {canonicalize_name(name): name for name in document if name != "_meta"}
    groups = options.only_groups or (_DEFAULT, *options.groups)
    chosen = []
    for group in groups:
        name = canonicalize_name(group)
        table = available.get(_CATEGORIES.get(name, name))
        if table is None and _CATEGORIES.get(name, name) != _DEFAULT:
            names = cut(", ".join(sorted(set(available.values()) - {_DEFAULT}))) or "none"
            raise ProjectError("selection-unknown", f"{document.path} has no group {group!r}: it has {names}")
        chosen += [table] if table else []
    return list(dict.fromkeys(chosen))


def _rows(table: TomlTable, sources: Sequence[_Source], request: ExportRequest) -> Iterator[LockedRow]:
    for name in table:
        package = table.table(name)
        marker = parse_marker(_marker(package), package.key, package.path)
        if marker is None or applies(marker, request.target, package.path):
            yield _row(canonicalize_name(name), package, sources, request)


def _marker(package: TomlTable) -> str:
    parts = [package.text("markers") or ""]
    parts += [f"{name} {value}" for name in _MARKERS if (value := package.text(name))]
    parts = [part for part in parts if part.strip()]
    return " and ".join(f"({part})" for part in parts) if len(parts) > 1 else "".join(parts)


def _row(name: str, package: TomlTable, sources: Sequence[_Source], request: ExportRequest) -> LockedRow:
    hashes = frozenset(
        sha256_of(value.removeprefix("sha256:"), package.key_of("hashes"), package.path)
        for value in package.texts("hashes")
        if value.startswith("sha256:")
    )
    file = package.text("file") or ""
    if "://" in file and len(hashes) > 1:
        # Pipenv then lists the hashes of the whole release, which is on an index too.
        return named_file(name, file, hashes, package.path)
    if (source := _source(package, hashes)) is not None:
        return LockedRow(name, source=source)
    version = package.text("version") or ""
    pinned = _VERSION.fullmatch(version.strip())
    if pinned is None:
        raise ProjectError(
            "lock-invalid",
            f"{package.path}: {package.key} is locked to no version ({quoted(version)}), and applies to "
            f"{request.target}: run 'pipenv lock' on Linux with Python {request.target.python_version}",
        )
    index = next((source.url for source in sources if source.name == package.text("index")), None)
    version = package.convert(package.key_of("version"), pinned[1], version_of, "a version")
    return LockedRow(name, version, hashes, index or None)


def _source(package: TomlTable, hashes: frozenset[str]) -> Mapping[str, Any] | None:
    """Return the pylock table of a package that comes from no index."""
    subdirectory = package.text("subdirectory")
    part = {"subdirectory": subdirectory} if subdirectory else {}
    for kind in _VCS:
        if (url := package.text(kind)) is not None:
            revision = package.text("ref") or ""
            return {"vcs": {"type": kind, "url": url, "commit-id": revision, **part}}
    where = package.text("path") or package.text("file")
    if where is None:
        return None
    if "://" in where and not where.startswith("file:"):
        if not hashes:
            raise ProjectError(
                "hash-missing",
                f"{package.path}: {package.key} has no sha256: name its version, or a file on this machine",
            )
        return {"archive": {"url": where, "hashes": {"sha256": min(hashes)}, **part}}
    return archive_or_directory(where, hashes, package.key, package.path, part)
