"""pdm.lock, the lock file of PDM: TOML with one table for each package, its groups, marker and hashes."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked_rows import LockedRow, export_rows
from constructs_lib.core.lock.locked_values import (
    allows,
    applies,
    archive_or_directory,
    index_address,
    parse_marker,
    quoted,
    sha256_of,
    version_of,
)
from constructs_lib.core.lock.member_folders import member_folders
from constructs_lib.core.project.toml_table import TomlTable, cut

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from constructs_lib.core.lock.locked import Exported, ExportRequest
    from constructs_lib.core.project.pyproject import PyProject

_DEFAULT = "default"
_SCHEMA = "4"
_INHERITS = "inherit_metadata"
_VCS = ("git", "hg", "svn", "bzr")


def export(request: ExportRequest) -> Exported:
    """Read the file; the index is asked for the addresses of the files, where it does not name them."""
    path = request.manifest.path
    document = TomlTable.parse(request.manifest.content, path, "lock-invalid")
    metadata = document.table("metadata")
    _check_schema(metadata)
    _check_fresh(request.project.pyproject, metadata)
    _check_target(metadata, request)
    groups = _chosen(metadata, request)
    excluded = {canonicalize_name(name) for name in _settings(request).table("resolution").texts("excludes")}
    rows = [
        row
        for package in document.tables("package")
        if (row := _row(package, groups, request)) is not None and row.name not in excluded
    ]
    return export_rows(rows, request, _sources(request, "index"), _sources(request, "find_links"))


def _check_schema(metadata: TomlTable) -> None:
    version = metadata.text("lock_version") or ""
    if version.partition(".")[0] != _SCHEMA:
        raise ProjectError(
            "lock-version-unknown",
            f"{metadata.path} has lock_version {quoted(version)}, this release reads {_SCHEMA}.x: run 'pdm lock' with "
            f"PDM 2.8 or newer",
        )
    if _INHERITS not in metadata.texts("strategy"):
        raise ProjectError(
            "lock-unfit",
            f"{metadata.path} does not name the groups and markers of its packages: run "
            f"'pdm lock --update-reuse --strategy {_INHERITS}' in {metadata.path.parent} and commit it",
        )


def _check_fresh(pyproject: PyProject, metadata: TomlTable) -> None:
    """Compare the hash of what PDM reads in pyproject.toml with the one that the lock was made of."""
    recorded = metadata.text("content_hash")
    if recorded and pyproject.path.exists() and recorded != f"sha256:{content_hash(pyproject)}":
        raise ProjectError(
            "lock-stale",
            f"{metadata.path} is stale: {pyproject.path} has changed since. Run 'pdm lock' in {pyproject.path.parent} "
            f"and commit it",
        )


def content_hash(pyproject: PyProject) -> str:
    """Return the hash of the parts of pyproject.toml that PDM resolves, as PDM computes it.

    The root of a workspace hashes the hashes of its members with it.
    """
    workspace = pyproject.document.table("tool").table("pdm").table("workspace")
    digest = _project_hash(pyproject)
    if "members" not in workspace:
        return digest
    from constructs_lib.core.project.pyproject import read_pyproject

    whole = hashlib.sha256(digest.encode())
    for name, folder in member_folders(pyproject.path.parent, workspace.texts("members")).items():
        member = _project_hash(read_pyproject(folder / "pyproject.toml"))
        whole.update(b"\0" + name.encode() + b"\0" + member.encode())
    return whole.hexdigest()


def _project_hash(pyproject: PyProject) -> str:
    document = pyproject.document
    project, settings = document.table("project").values, document.table("tool").table("pdm").values
    hashed = {
        "sources": settings.get("source", []),
        "dependencies": project.get("dependencies", []),
        "dev-dependencies": _groups(document),
        "optional-dependencies": project.get("optional-dependencies", {}),
        "requires-python": project.get("requires-python", ""),
        "resolution": settings.get("resolution", {}),
    }
    try:
        text = json.dumps(hashed, sort_keys=True)
    except (TypeError, ValueError, RecursionError):
        raise ProjectError(
            "pyproject-invalid",
            f"{pyproject.path}: it has a value among its dependencies that PDM cannot lock",
        ) from None
    return hashlib.sha256(text.encode()).hexdigest()


def _groups(document: TomlTable) -> dict[str, list[Any]]:
    """Return the dependency groups by normalized name, those of `[tool.pdm]` among them."""
    groups: dict[str, list[Any]] = {}
    for table in (
        document.table("dependency-groups"),
        document.table("tool").table("pdm").table("dev-dependencies"),
    ):
        for name in table:
            lines = table.values[name]
            if not isinstance(lines, list):
                raise table.refusal(table.key_of(name), lines, "a list")
            groups.setdefault(canonicalize_name(name), []).extend(lines)
    return groups


def _check_target(metadata: TomlTable, request: ExportRequest) -> None:
    """Refuse a lock that PDM made for other Pythons or platforms only."""
    target, rows = request.target, metadata.tables("targets")
    allowed = [row.text_as("requires_python", SpecifierSet, "a version specifier") for row in rows]
    fitting = [
        row
        for row, pythons in zip(rows, allowed, strict=True)
        if pythons is None or allows(pythons, target, metadata.path)
    ]
    if rows and not fitting:
        pythons = " or ".join(sorted({str(specifier) for specifier in allowed}))
        raise ProjectError(
            "python-not-allowed",
            f"{metadata.path} is for Python {cut(pythons)}, not for {target}: choose a runtime it allows",
        )
    platforms = [row.text("platform") or "" for row in fitting]
    if platforms and not any(_is_platform(platform, target.machine) for platform in platforms):
        raise ProjectError(
            "lock-unfit",
            f"{metadata.path} is for {cut(', '.join(sorted(set(platforms))))}, not for {target}: run "
            f"'pdm lock --append --platform manylinux_2_17_{target.machine}' in {metadata.path.parent} and commit it",
        )


def _is_platform(platform: str, machine: str) -> bool:
    """Return whether a target of PDM covers Linux with glibc on that CPU; an empty one covers every platform."""
    return platform == "" or (platform.startswith(("linux", "manylinux")) and platform.endswith(machine))


def _chosen(metadata: TomlTable, request: ExportRequest) -> frozenset[str]:
    """Return the groups of the lock to install; extras are groups of it too."""
    options = request.options
    locked: set[str] = {canonicalize_name(name) for name in metadata.texts("groups")} or {_DEFAULT}
    asked = options.only_groups or (*options.extras, *options.groups)
    for name in asked:
        if canonicalize_name(name) not in locked:
            names = cut(", ".join(sorted(locked - {_DEFAULT}))) or "none"
            raise ProjectError(
                "selection-unknown",
                f"{metadata.path} has no group or extra {name!r}: it has {names}; 'pdm lock --group {name}' adds one "
                f"of the project",
            )
    return frozenset(
        {canonicalize_name(name) for name in asked} | (set() if options.only_groups else {_DEFAULT})
    )


def _row(package: TomlTable, groups: frozenset[str], request: ExportRequest) -> LockedRow | None:
    """Return the row of a package; None if it is not chosen, does not apply, or repeats a package for its extras."""
    written = {canonicalize_name(name) for name in package.texts("groups")}
    if written.isdisjoint(groups) or package.texts("extras"):
        return None
    name = canonicalize_name(package.required_text("name"))
    marker = parse_marker(package.text("marker") or "", package.key, package.path)
    if marker is not None and not applies(marker, request.target, package.path):
        return None
    if (source := _source(package, request.project.root)) is not None:
        return LockedRow(name, source=source)
    hashes = {_hash(file) for file in package.tables("files")} - {""}
    return LockedRow(name, package.required_text_as("version", version_of, "a version"), frozenset(hashes))


def _hash(file: TomlTable) -> str:
    algorithm, _, digest = (file.text("hash") or "").partition(":")
    return sha256_of(digest, file.key, file.path) if algorithm == "sha256" else ""


def _source(package: TomlTable, root: Path) -> Mapping[str, Any] | None:
    """Return the pylock table of a package that comes from no index, or whose files the lock names by address."""
    subdirectory = package.text("subdirectory")
    part = {"subdirectory": subdirectory} if subdirectory else {}
    for kind in _VCS:
        if (url := package.text(kind)) is not None:
            requested = {"requested-revision": ref} if (ref := package.text("ref")) else {}
            revision = package.text("revision") or ""
            return {"vcs": {"type": kind, "url": url, "commit-id": revision, **requested, **part}}
    files = package.tables("files")
    hashes = frozenset(filter(None, map(_hash, files)))
    if (path := package.text("path")) is not None:
        return archive_or_directory(path, hashes, package.key, package.path, part)
    if (url := package.text("url")) is not None:
        url = url.replace("file:///${PROJECT_ROOT}", root.as_uri()).partition("#")[0]
        if url.startswith("file:"):
            return archive_or_directory(url, hashes, package.key, package.path, part)
        if not hashes:
            raise ProjectError(
                "hash-missing",
                f"{package.path}: {package.key} has no sha256: run 'pdm lock --update-reuse' in {root} and commit it",
            )
        return {"archive": {"url": url, "hashes": {"sha256": min(hashes)}, **part}}
    return _static_files(package, files)


def _static_files(package: TomlTable, files: list[TomlTable]) -> dict[str, Any] | None:
    """Return the files with their addresses, which PDM's strategy `static_urls` records; None without them."""
    if not files or not all(file.text("url") for file in files):
        return None
    tables = [
        {"url": file.required_text("url"), "hashes": {"sha256": digest}}
        for file in files
        if (digest := _hash(file))
    ]
    wheels = [table for table in tables if str(table["url"]).partition("#")[0].endswith(".whl")]
    sdists = [table for table in tables if table not in wheels]
    source: dict[str, Any] = {"version": package.required_text_as("version", version_of, "a version")}
    return source | ({"wheels": wheels} if wheels else {}) | ({"sdist": sdists[0]} if sdists else {})


def _settings(request: ExportRequest) -> TomlTable:
    return request.project.pyproject.document.table("tool").table("pdm")


def _sources(request: ExportRequest, kind: str) -> list[str]:
    """Return the addresses of one type in `[[tool.pdm.source]]`, without logins."""
    rows = [row for row in _settings(request).tables("source") if (row.text("type") or "index") == kind]
    urls = [index_address(row.text("url") or "") for row in rows]
    return [url for url in urls if "://" in url]
