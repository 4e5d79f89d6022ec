"""The whole release of a source distribution, where its lock names no wheel: a wheel of it is taken first.

A lock may list fewer wheels than there are: `uv pip compile` leaves out those of other platforms, uv.lock those of
other Pythons. Without the whole list, native code would be built on this machine (docs/decisions/0002).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from packaging.specifiers import SpecifierSet
from packaging.utils import parse_wheel_filename

from constructs_lib.core.errors import FetchError, ProjectError
from constructs_lib.core.index.release_page import ReleaseFile, read_flat_folder
from constructs_lib.core.lock.known_indexes import KnownIndexes, is_lasting
from constructs_lib.core.lock.locked import LockedFile
from constructs_lib.core.lock.locked_values import is_of
from constructs_lib.core.lock.select import available, no_wheel
from constructs_lib.core.system.files import reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from constructs_lib.core.lock.locked import Exported, ExportRequest, Locked
    from constructs_lib.core.target import Target


class Release(NamedTuple):
    """The wheels of one version on one index."""

    index_url: str
    wheels: tuple[ReleaseFile, ...]


def complete(locked: Sequence[Locked], exported: Exported, request: ExportRequest) -> tuple[Locked, ...]:
    """Mark each source distribution whose release has platform wheels; where the manifest may, take a wheel instead.

    A lock file is obeyed: only a requirements file, which allows every file of a release or names hashes, may get a
    wheel that the export does not list.
    """
    releases = Releases(exported, request)
    return tuple(
        _chosen(package, releases.of(package), exported, request)
        if isinstance(package, LockedFile) and package.is_release_open
        else package
        for package in locked
    )


def _chosen(sdist: LockedFile, release: Release, exported: Exported, request: ExportRequest) -> LockedFile:
    """Return the release's best wheel for the target if it may be taken, else the source distribution."""
    target, allowed = request.target, exported.hashes.get(sdist.name)
    hashes = allowed.sha256 if allowed else frozenset[str]()
    ranks = {tag: rank for rank, tag in enumerate(target.tags)}
    fitting = [
        (min(ranks[tag] for tag in tags), wheel.filename, wheel)
        for wheel in (release.wheels if exported.is_partial else ())
        if (tags := parse_wheel_filename(wheel.filename)[-1] & ranks.keys())
        and (wheel.sha256 in hashes if hashes else wheel.sha256)
        and not wheel.is_yanked
        and _allows(wheel.requires_python, target)
    ]
    if not fitting:
        text = _no_wheel(sdist, release, request)
        if text and hashes and sdist.sha256 not in hashes:
            raise ProjectError(
                "wheel-missing",
                f"{text}. No source distribution to build one from has a hash that the file allows: lock another "
                f"version, or choose another runtime or architecture",
            )
        return replace(sdist, no_wheel=text, is_release_open=False)
    _, _, wheel = min(fitting)
    index_url = sdist.index or release.index_url
    location = sdist.location.with_name(wheel.filename) if isinstance(sdist.location, Path) else wheel.url
    return LockedFile(sdist.name, sdist.version, wheel.filename, wheel.sha256, location, index=index_url)


def _allows(requires_python: str, target: Target) -> bool:
    try:
        return target.is_in(SpecifierSet(requires_python))
    except ValueError:
        return True  # no bound that could be kept


def _no_wheel(sdist: LockedFile, release: Release, request: ExportRequest) -> str:
    """Return a text that names the release's wheels, if some hold native code; else an empty one."""
    target = request.target
    subject = f"{sdist.name} {sdist.version} in {request.manifest.path}"
    names = [wheel.filename for wheel in release.wheels]
    if text := no_wheel(subject, names, target):
        return text
    native = [name for name in names if any(tag.platform != "any" for tag in parse_wheel_filename(name)[-1])]
    if not native:
        return ""
    return (
        f"{subject} names no wheel for {target} that may be taken: the lock file, its hashes, requires-python, a yank or "
        f"a missing sha256 exclude those for {available(native, target)}"
    )


@dataclass(frozen=True, eq=False)
class Releases:
    """The releases that one lock file's source distributions belong to; the same indexes are asked once for each."""

    exported: Exported
    request: ExportRequest

    def of(self, sdist: LockedFile) -> Release:
        """Return the release as it was when these indexes were first asked for it, so that a full store needs no index."""
        if isinstance(sdist.location, Path) and sdist.location.parent.is_dir():
            # At hand each time, so that a wheel that was put there later counts.
            return _folder_release(sdist, sdist.location.parent)
        if isinstance(sdist.location, Path) and not sdist.index:
            raise ProjectError(
                "file-missing",
                f"{sdist.location} does not exist: {self.request.manifest.path} has {sdist.name} from there",
            )
        notes = self.request.notes
        key = self._indexes.note_key(sdist.sha256, sdist.index) if notes else ""
        note = notes.read_note("releases", key) if notes else None
        if note is not None:
            return Release(note["index"], tuple(ReleaseFile(*wheel) for wheel in note["wheels"]))
        release = self._ask(sdist)
        if notes and all(is_lasting(wheel.url) for wheel in release.wheels):
            notes.write_note(
                "releases",
                key,
                {"index": release.index_url, "wheels": list(map(list, release.wheels))},
            )
        return release

    def _ask(self, sdist: LockedFile) -> Release:
        """Read the page of the index that lists this source distribution."""
        candidates = self._indexes.candidates(sdist.index, str(sdist.location))
        page = self._indexes.first_page(sdist.name, lambda file: _is_same(file, sdist), candidates)
        if page is not None:
            return Release(page.index_url, tuple(_wheels(page.files, sdist)))
        raise FetchError(
            "release-unknown",
            f"{sdist.name} {sdist.version} in {self.request.manifest.path} has no wheel there, and no index is known "
            f"that lists {sdist.filename} from {urlsplit(str(sdist.location)).hostname or sdist.location}: its source "
            f"distribution is not built before the release's wheels are known. Declare the index in [[tool.uv.index]], or set UV_INDEX",
        )

    @cached_property
    def _indexes(self) -> KnownIndexes:
        return KnownIndexes(self.exported.indexes, self.request, self.exported.flat_indexes)


def _is_same(file: ReleaseFile, sdist: LockedFile) -> bool:
    """Return whether an index lists this source distribution; a flat one may name no hashes."""
    if file.sha256:
        return (file.filename, file.sha256) == (sdist.filename, sdist.sha256)
    return file.url == sdist.location


def _folder_release(sdist: LockedFile, folder: Path) -> Release:
    """Return the wheels that lie beside a source distribution in a flat index on this machine."""
    with reading(folder, error=FetchError):
        wheels = list(_wheels(read_flat_folder(folder), sdist))
        hashed = (
            wheel._replace(sha256=hashlib.sha256((folder / wheel.filename).read_bytes()).hexdigest())
            for wheel in wheels
        )
        return Release(folder.as_uri(), tuple(hashed))


def _wheels(files: Sequence[ReleaseFile], sdist: LockedFile) -> Iterator[ReleaseFile]:
    """Return the wheels of the source distribution's version; other files have odd names or are older formats."""
    return (
        file
        for file in files
        if file.filename.endswith(".whl") and is_of(file.filename, sdist.name, sdist.version)
    )
