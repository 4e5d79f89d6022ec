"""The whole release of a source distribution, where its lock names no wheel: a wheel of it is taken first.

A lock may list fewer wheels than there are: `uv pip compile` leaves out those of other platforms, uv.lock those of
other Pythons. Without the whole list, native code would be built on this machine (docs/decisions/0002).
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import (
    InvalidWheelFilename,
    canonicalize_name,
    canonicalize_version,
    parse_wheel_filename,
)

from constructs_lib.core.errors import FetchError, ProjectError
from constructs_lib.core.index.auth import Access
from constructs_lib.core.index.declared import indexes_of
from constructs_lib.core.index.release_page import (
    ReleaseFile,
    read_flat_folder,
    read_flat_page,
    read_release_page,
)
from constructs_lib.core.index.session import Pages
from constructs_lib.core.lock.locked import LockedFile
from constructs_lib.core.lock.select import available, no_wheel
from constructs_lib.core.lock.uv import environment
from constructs_lib.core.system import process
from constructs_lib.core.system.files import reading
from constructs_lib.core.system.secrets import without_user

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from constructs_lib.core.index.declared import Index
    from constructs_lib.core.lock.locked import Exported, ExportRequest, Locked
    from constructs_lib.core.target import Target

_INDEX_VARIABLES = (
    "UV_DEFAULT_INDEX",
    "UV_INDEX_URL",
    "UV_INDEX",
    "UV_EXTRA_INDEX_URL",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
)
# Resolves nothing and prints the index that uv asks where nothing else is set.
_ASK_UV = (
    "pip",
    "compile",
    "--emit-index-url",
    "--no-header",
    "--quiet",
    "--offline",
    "--no-python-downloads",
    "-",
)
_INDEX_LINE = "--index-url "


_ReadPage = Callable[[str, str, Pages], list[ReleaseFile]]


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
        return SpecifierSet(requires_python).contains(target.runtime.full_version)
    except InvalidSpecifier:
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
    """The releases that one lock file's source distributions belong to; indexes are asked once for each, ever."""

    exported: Exported
    request: ExportRequest

    def of(self, sdist: LockedFile) -> Release:
        """Return the release as it was when it was first asked for, so that a full store needs no index."""
        if isinstance(sdist.location, Path) and sdist.location.parent.is_dir():
            # At hand each time, so that a wheel that was put there later counts.
            return _folder_release(sdist, sdist.location.parent)
        notes = self.request.notes
        note = notes.read_note("releases", sdist.sha256) if notes else None
        if note is not None:
            return Release(note["index"], tuple(ReleaseFile(*wheel) for wheel in note["wheels"]))
        release = self._ask(sdist)
        if notes:
            notes.write_note(
                "releases",
                sdist.sha256,
                {"index": release.index_url, "wheels": list(map(list, release.wheels))},
            )
        return release

    def _ask(self, sdist: LockedFile) -> Release:
        """Read the page of the index that lists this source distribution."""
        if listing := self.find(sdist):
            index_url, files = listing
            return Release(index_url, tuple(_wheels(files, sdist)))
        raise FetchError(
            "release-unknown",
            f"{sdist.name} {sdist.version} in {self.request.manifest.path} has no wheel there, and no index is known "
            f"that lists {sdist.filename} from {urlsplit(str(sdist.location)).hostname or sdist.location}: its source distribution is not "
            f"built before the release's wheels are known. Declare the index in [[tool.uv.index]], or set UV_INDEX",
        )

    def find(self, file: LockedFile) -> tuple[str, list[ReleaseFile]] | None:
        """Return the first index that lists a file, with its page; raise if none does and one did not answer."""
        refusal: FetchError | None = None
        for index_url, read in self._candidates(file):
            try:
                files = read(index_url, file.name, self._pages)
            except FetchError as error:
                refusal = refusal or error
                continue
            # By its bytes: anybody may publish a project of a private name on another index.
            if any(_is_same(row, file) for row in files):
                return index_url, files
        if refusal:
            raise refusal
        return None

    def _candidates(self, sdist: LockedFile) -> Iterator[tuple[str, _ReadPage]]:
        """Yield the indexes that may list the file, and how to read them: the one that the lock names, else all."""
        if sdist.index:
            is_flat = sdist.index in self._flat or _is_flat(sdist.index, str(sdist.location))
            yield sdist.index, read_flat_page if is_flat else read_release_page
            return
        yield from ((url, read_flat_page) for url in self._flat)
        yield from ((url, read_release_page) for url in self._known)
        yield from ((url, read_release_page) for url in self._default)

    @cached_property
    def _flat(self) -> tuple[str, ...]:
        """The pages with links to files of many projects."""
        named = self.request.project.pyproject.flat_indexes
        listed = re.split(r"[\s,]+", os.environ.get("UV_FIND_LINKS", ""))
        return tuple(_addresses((*self.exported.flat_indexes, *named, *listed)))

    @cached_property
    def _default(self) -> tuple[str, ...]:
        """The index that uv asks where nothing else is set; 16 ms, for a release that is asked for the first time."""
        answer = process.run(
            [process.find_tool("uv"), *_ASK_UV],
            cwd=self.request.project.root,
            env=environment(self.request.credentials),
        )
        urls = [
            line.removeprefix(_INDEX_LINE) for line in answer.splitlines() if line.startswith(_INDEX_LINE)
        ]
        return tuple(_addresses(url for url in urls if url not in self._known))

    @cached_property
    def _declared(self) -> list[Index]:
        return indexes_of(self.request.project, self.request.manifest.path.parent)

    @cached_property
    def _known(self) -> tuple[str, ...]:
        declared = (index.url for index in self._declared if index.url not in self._flat)
        return tuple(_addresses((*self.exported.indexes, *_environment_indexes(), *declared)))

    @cached_property
    def _pages(self) -> Pages:
        return Pages(Access(self.request.credentials, self._declared, self.request.project.root))


def _is_same(file: ReleaseFile, sdist: LockedFile) -> bool:
    """Return whether an index lists this source distribution; a flat one may name no hashes."""
    if file.sha256:
        return (file.filename, file.sha256) == (sdist.filename, sdist.sha256)
    return file.url == sdist.location


def _is_flat(index_url: str, location: str) -> bool:
    """Return whether an index whose settings are not known is flat: it has the file itself, or is a page."""
    return location.rpartition("/")[0] == index_url.rstrip("/") or index_url.endswith((".html", ".htm"))


def _folder_release(sdist: LockedFile, folder: Path) -> Release:
    """Return the wheels that lie beside a source distribution in a flat index on this machine."""
    with reading(folder, error=FetchError):
        wheels = list(_wheels(read_flat_folder(folder), sdist))
        hashed = (
            wheel._replace(sha256=hashlib.sha256((folder / wheel.filename).read_bytes()).hexdigest())
            for wheel in wheels
        )
        return Release(folder.as_uri(), tuple(hashed))


def _addresses(urls: Iterable[str]) -> Iterator[str]:
    """Yield the addresses of indexes that can be asked, without logins, each once."""
    plain = dict.fromkeys(without_user(url)[0] for url in urls)
    return (url for url in plain if url.startswith(("https:", "http:")))


def _environment_indexes() -> Iterator[str]:
    for variable in _INDEX_VARIABLES:
        for entry in os.environ.get(variable, "").split():
            name, equals, url = entry.partition("=")
            yield url if equals and ":" not in name else entry


def _wheels(files: Sequence[ReleaseFile], sdist: LockedFile) -> Iterator[ReleaseFile]:
    """Yield the wheels of the source distribution's version; other files have odd names or are older formats."""
    for file in files:
        if not file.filename.endswith(".whl"):
            continue
        try:
            name, version, _, _ = parse_wheel_filename(file.filename)
        except InvalidWheelFilename:
            continue
        if name == canonicalize_name(sdist.name) and canonicalize_version(version) == canonicalize_version(
            sdist.version
        ):
            yield file
