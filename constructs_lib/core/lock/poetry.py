"""The export of poetry.lock to pylock.toml (PEP 751).

From schema 2.1 on the lock records for each package which groups install it, and by which marker, so it is read
directly. Poetry itself is asked for older ones, and where its hash of pyproject.toml is another than expected.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.file_addresses import FileAddresses
from constructs_lib.core.lock.locked import Exported, LockedFile
from constructs_lib.core.lock.locked_values import allows
from constructs_lib.core.lock.poetry_lock import MAIN, parse_poetry_lock
from constructs_lib.core.lock.select import pylock_from, select
from constructs_lib.core.project.toml_table import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from packaging.pylock import Package, Pylock
    from packaging.utils import NormalizedName

    from constructs_lib.core.lock.locked import ExportRequest, LockOptions
    from constructs_lib.core.lock.poetry_lock import LockedArtifact, PoetryLock, PoetryPackage
    from constructs_lib.core.target import Target

_NOWHERE = "https://not-located.invalid/"
"""The address of files that the target does not install."""
_EXTRA = re.compile(r"""\bextra\s*(==|!=)\s*(["'])([^"']*)\2|(["'])([^"']*)\4\s*(==|!=)\s*extra\b""")


def export(request: ExportRequest) -> Exported:
    """Export the packages of the chosen groups; extras are selected by markers."""
    manifest, project, options = request.manifest, request.project, request.options
    lock = parse_poetry_lock(manifest.content, manifest.path)
    if lock.is_complete and lock.fits(project.pyproject):
        _refuse_unknown(lock, request)
        extras = () if options.only_groups else tuple(map(canonicalize_name, options.extras))
        rows = list(_chosen(lock, options))
    else:
        from constructs_lib.core.lock.poetry_tool import ask_poetry  # 3 ms: only for older locks

        extras = ()
        rows = ask_poetry(lock, request)
    _refuse_other_pythons(lock, request.target)
    pylock = pylock_from(_document(lock, rows, extras), manifest.path)
    exported = Exported(pylock, project.root, extras)
    return exported._replace(pylock=_located(exported, request))


def _chosen(lock: PoetryLock, options: LockOptions) -> Iterator[tuple[PoetryPackage, str]]:
    """Yield the packages of the chosen groups, each with the marker of those groups together."""
    named = options.only_groups or ("main", *options.groups)
    groups = set(map(canonicalize_name, named))
    for package in lock.packages:
        markers = [marker for group, marker in package.markers().items() if group in groups]
        if markers:
            always = not all(markers)
            yield package, "" if always else " or ".join(f"({marker})" for marker in dict.fromkeys(markers))


def _refuse_unknown(lock: PoetryLock, request: ExportRequest) -> None:
    options, document = request.options, request.project.pyproject.document
    poetry = document.table("tool").table("poetry")
    groups = {
        MAIN,
        *map(canonicalize_name, document.table("dependency-groups")),
        *map(canonicalize_name, poetry.table("group")),
        *(("dev",) if "dev-dependencies" in poetry else ()),
    }
    for kind, asked, known in (
        ("extra", options.extras, lock.extras),
        ("group", (*options.groups, *options.only_groups), groups),
    ):
        for name in asked:
            if canonicalize_name(name) not in known:
                raise ProjectError(
                    "selection-unknown",
                    f"{lock.path} has no {kind} {name!r}: it has {', '.join(sorted(known)) or 'none'}",
                )


def _refuse_other_pythons(lock: PoetryLock, target: Target) -> None:
    """Refuse a lock for other Pythons: a pylock.toml cannot express alternatives such as `~3.9 || ~3.11`."""
    ranges = lock.python_ranges
    if ranges and not any(allows(pythons, target, lock.path) for pythons in ranges):
        pythons = " or ".join(map(str, ranges))
        raise ProjectError(
            "python-not-allowed",
            f"{lock.path} is for Python {cut(pythons)}, not for {target}: choose a runtime it allows",
        )


def _document(
    lock: PoetryLock, rows: Iterable[tuple[PoetryPackage, str]], extras: Sequence[NormalizedName]
) -> dict[str, Any]:
    """Return the values of a pylock.toml."""
    ranges = lock.python_ranges
    return {
        "lock-version": "1.0",
        "created-by": "poetry",
        "extras": list(extras),
        **({"requires-python": str(ranges[0])} if len(ranges) == 1 and str(ranges[0]) else {}),
        "packages": [_package(lock, package, marker) for package, marker in rows],
    }


def _package(lock: PoetryLock, package: PoetryPackage, marker: str) -> dict[str, Any]:
    return {
        "name": package.name,
        "version": package.version,
        **({"marker": _EXTRA.sub(_membership, marker)} if marker else {}),
        **_source(lock, package),
    }


def _membership(match: re.Match[str]) -> str:
    """Return Poetry's test of an extra as PEP 751 writes it: several extras may be chosen."""
    operator, name = match[1] or match[6], match[3] or match[5] or ""
    return f"'{canonicalize_name(name)}' {'in' if operator == '==' else 'not in'} extras"


def _source(lock: PoetryLock, package: PoetryPackage) -> dict[str, Any]:
    source = package.source
    subdirectory = {"subdirectory": source.subdirectory} if source.subdirectory else {}
    if source.kind == "directory":
        return {"directory": {"path": source.url, **subdirectory}}
    if source.kind == "git":
        revision = {"requested-revision": source.reference} if source.reference else {}
        return {
            "vcs": {
                "type": "git",
                "url": source.url,
                "commit-id": source.commit or "",
                **revision,
                **subdirectory,
            }
        }
    if not package.artifacts:
        raise ProjectError(
            "lock-invalid",
            f"{lock.path} lists no files of {package.name} {package.version}: run 'poetry lock' again",
        )
    if source.kind in ("file", "url"):
        place = "path" if source.kind == "file" else "url"
        return {"archive": {place: source.url, "hashes": dict(package.artifacts[0].hashes), **subdirectory}}
    wheels = [_file(artifact) for artifact in package.artifacts if artifact.filename.endswith(".whl")]
    sdists = [_file(artifact) for artifact in package.artifacts if not artifact.filename.endswith(".whl")]
    return {
        **({"index": source.url} if source.url else {}),
        **({"wheels": wheels} if wheels else {}),
        **({"sdist": sdists[0]} if sdists else {}),
    }


def _file(artifact: LockedArtifact) -> dict[str, Any]:
    return {
        "name": artifact.filename,
        "url": f"{_NOWHERE}{artifact.filename}",
        "hashes": dict(artifact.hashes),
    }


def _located(exported: Exported, request: ExportRequest) -> Pylock:
    """Return the pylock with the addresses of the files that the target installs, which a poetry.lock has not."""
    chosen = select(exported, request.manifest.path, request.target)
    missing = [
        file for file in chosen if isinstance(file, LockedFile) and str(file.location).startswith(_NOWHERE)
    ]
    addresses = FileAddresses(request).of(missing)
    by_name = {file.name: file for file in missing}

    def located(package: Package) -> Package:
        file = by_name.get(package.name)
        if file is None or str(package.version) != file.version:
            return package
        url, index = addresses[file.sha256]
        return replace(
            package,
            index=package.index or index,
            wheels=[
                replace(wheel, url=url) if wheel.filename == file.filename else wheel
                for wheel in package.wheels or ()
            ]
            or None,
            sdist=replace(package.sdist, url=url)
            if package.sdist and package.sdist.filename == file.filename
            else package.sdist,
        )

    return replace(exported.pylock, packages=[located(package) for package in exported.pylock.packages])
