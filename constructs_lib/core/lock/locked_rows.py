"""Rows of a lock file that names hashes and no addresses: an index is asked for the files.

`Pipfile.lock` and `pdm.lock` are such files. Every answer is kept; only files whose hash the lock file allows count, so
that an index, or a note in the store, cannot add one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_version,
    parse_sdist_filename,
    parse_wheel_filename,
)

from constructs_lib.core.errors import FetchError, ProjectError
from constructs_lib.core.lock.known_indexes import KnownIndexes, is_lasting
from constructs_lib.core.lock.locked import Exported
from constructs_lib.core.lock.locked_values import filename_of, is_of, quoted
from constructs_lib.core.lock.select import pylock_from
from constructs_lib.core.project.toml_table import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from constructs_lib.core.lock.locked import ExportRequest

_CREATED_BY = "constructs-lib"


@dataclass(frozen=True)
class LockedRow:
    """One package of a lock file, as far as it applies to the target."""

    name: str
    """Normalized distribution name."""
    version: str = ""
    hashes: frozenset[str] = frozenset()
    """The sha256 of its files that the lock file allows, in lower-case hex."""
    index: str | None = None
    """The address of the index that the lock file names for it."""
    filename: str = ""
    """The one file of its release that the lock file names; empty for any with one of the hashes."""
    source: Mapping[str, Any] | None = None
    """Its table `directory`, `vcs` or `archive` in a pylock.toml, with that key, where it comes from no index."""

    @property
    def place(self) -> tuple[str, str]:
        """The version or the source: two rows of one name must agree in it."""
        return canonicalize_version(self.version) if self.source is None else "", repr(self.source)


class KnownFile(NamedTuple):
    """A file that an index listed, and that index."""

    index_url: str
    filename: str
    url: str
    sha256: str


def export_rows(
    rows: Iterable[LockedRow],
    request: ExportRequest,
    indexes: Sequence[str],
    flat_indexes: Sequence[str] = (),
) -> Exported:
    """Export `rows` to a pylock; the indexes are those that the lock file names for packages that name none.

    A flat one is a page with links to files of many projects.
    """
    merged = _merged(rows, request)
    known = KnownIndexes(indexes, request, flat_indexes)
    files = _files([row for row in merged if row.source is None], request, known)
    packages = [_package(row, files.get(row.name, ())) for row in merged]
    document = {"lock-version": "1.0", "created-by": _CREATED_BY, "packages": packages}
    return Exported(
        pylock_from(document, request.manifest.path),
        request.manifest.path.parent,
        indexes=tuple(indexes),
        flat_indexes=tuple(flat_indexes),
    )


def named_file(name: str, address: str, hashes: frozenset[str], manifest: Path) -> LockedRow:
    """Return the row of a file that the lock file names by its address, with the hashes of all files of its release."""
    filename = filename_of(
        unquote(address.partition("#")[0].partition("?")[0].rpartition("/")[2]), name, manifest
    )
    try:
        parse = parse_wheel_filename if filename.endswith(".whl") else parse_sdist_filename
        version = str(parse(filename)[1])
    except (InvalidWheelFilename, InvalidSdistFilename):
        raise ProjectError(
            "hash-missing",
            f"{name} in {manifest} has {len(hashes)} hashes, of which none is known to be that of {quoted(address)}: "
            f"name its version instead",
        ) from None
    return LockedRow(name, version, hashes, filename=filename)


def _merged(rows: Iterable[LockedRow], request: ExportRequest) -> list[LockedRow]:
    """Return one row for each name; groups may lock the same package once more."""
    merged: dict[str, LockedRow] = {}
    for row in rows:
        first = merged.setdefault(row.name, row)
        if first.place != row.place:
            raise ProjectError(
                "lock-invalid",
                f"{request.manifest.path} locks {row.name} twice for {request.target}, as {_described(first)} and as "
                f"{_described(row)}: choose groups that agree, or lock again",
            )
        merged[row.name] = replace(first, hashes=first.hashes | row.hashes, index=first.index or row.index)
    return list(merged.values())


def _described(row: LockedRow) -> str:
    return row.version if row.source is None else "/".join(row.source)


def _package(row: LockedRow, files: Sequence[KnownFile]) -> dict[str, Any]:
    """Return the package's table in a pylock.toml."""
    package: dict[str, Any] = {"name": row.name}
    if row.source is not None:
        return {**package, **row.source}
    package |= {"version": row.version, "index": files[0].index_url}
    tables = [{"name": file.filename, "url": file.url, "hashes": {"sha256": file.sha256}} for file in files]
    if wheels := [table for table in tables if str(table["name"]).endswith(".whl")]:
        package["wheels"] = wheels
    # A release may have a .zip beside its .tar.gz; the latter is the standard's (PEP 625).
    sdists = sorted((table for table in tables if table not in wheels), key=lambda table: str(table["name"]))
    if sdists:
        package["sdist"] = sdists[0]
    return package


def _files(
    rows: Sequence[LockedRow], request: ExportRequest, indexes: KnownIndexes
) -> dict[str, list[KnownFile]]:
    """Return the files of each row, by name; the indexes are asked once for each set of rows."""
    for row in rows:
        if not row.hashes:
            raise ProjectError(
                "hash-missing",
                f"{row.name} in {request.manifest.path} has no sha256: lock it again with a tool that records one",
            )
    notes = request.notes
    wanted = [[row.name, row.version, sorted(row.hashes), row.index] for row in rows]
    key = indexes.note_key([request.manifest.name, wanted]) if notes else ""
    note = notes.read_note("releases", key) if notes else None
    if note is not None:
        return {row.name: _allowed(row, note["files"].get(row.name, ()), request) for row in rows}
    answers = _ask(rows, indexes)
    files = {row.name: _allowed(row, answers[row.name], request) for row in rows}
    # Only now: a release that no index lists today may be listed tomorrow.
    if notes and all(is_lasting(file.url) for row in files.values() for file in row):
        notes.write_note(
            "releases", key, {"files": {name: list(map(list, row)) for name, row in files.items()}}
        )
    return files


def _allowed(row: LockedRow, files: Iterable[Sequence[str]], request: ExportRequest) -> list[KnownFile]:
    """Return the files that the row allows."""
    known = (KnownFile(*file) for file in files)
    allowed = [file for file in known if _is_allowed(row, file.filename, file.sha256)]
    if not allowed:
        raise FetchError(
            "release-unknown",
            f"{cut(f'{row.name} {row.version}')} in {request.manifest.path} has {len(row.hashes)} hashes, and no known index lists "
            f"a file with one of them. Is its index at hand? Declare it in the project, set UV_INDEX, or lock again",
        )
    return allowed


def _is_allowed(row: LockedRow, filename: str, sha256: str) -> bool:
    """Return whether a file has one of the row's hashes and a name of its release."""
    return sha256 in row.hashes and is_of(filename, row.name, row.version) and row.filename in ("", filename)


def _ask(rows: Sequence[LockedRow], indexes: KnownIndexes) -> dict[str, list[KnownFile]]:
    """Return the files of each row on the first index that lists one of them, by name."""
    answers: dict[str, list[KnownFile]] = {}

    def ask(row: LockedRow) -> None:
        named = indexes.candidates(row.index) if row.index else ()
        page = indexes.first_page(
            row.name,
            lambda file: _is_allowed(row, file.filename, file.sha256),
            chain(named, indexes.candidates()),
        )
        index_url, files = page or ("", ())
        answers[row.name] = [
            KnownFile(index_url, file.filename, file.url, file.sha256)
            for file in files
            if file.sha256 in row.hashes
        ]

    indexes.for_each(rows, ask)
    return answers
