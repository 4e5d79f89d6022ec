"""The selection from a pylock.toml (PEP 751): the files that one target installs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.pylock import (
    Package,
    PackageArchive,
    PackageDirectory,
    PackageSdist,
    PackageVcs,
    PackageWheel,
    Pylock,
    PylockSelectError,
    PylockValidationError,
)
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import Exported, Locked, LockedDirectory, LockedFile
from constructs_lib.core.lock.locked_values import (
    address_of,
    allows,
    filename_of,
    first_line,
    local_path,
    sha256_of,
    unevaluated,
)
from constructs_lib.core.lock.source_trees import locked_git, subdirectory_of
from constructs_lib.core.project.toml_table import cut, parse_toml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs_lib.core.target import Target

_LONGEST_TAG, _LONGEST_TAGS = 120, 260
"""Characters of one tag, and of all that are named in a line."""


def parse_pylock(text: str, manifest: Path) -> Pylock:
    """Parse the pylock.toml that `manifest` is, or was exported to."""
    return pylock_from(parse_toml(text, manifest), manifest)


def pylock_from(document: Mapping[str, Any], manifest: Path) -> Pylock:
    """Return the lock that the table of a pylock.toml describes."""
    try:
        return Pylock.from_dict(document)
    # packaging raises these for a value that it does not expect: an address such as `http://[x`, for instance.
    except (PylockValidationError, ValueError, TypeError, RecursionError) as error:
        raise ProjectError(
            "lock-invalid", f"{manifest} gave a pylock.toml that is not valid: {first_line(error)}"
        ) from None


def select(exported: Exported, manifest: Path, target: Target) -> tuple[Locked, ...]:
    """Return the files of `exported`, the export of `manifest`, that `target` installs.

    A ProjectError names the package of which nothing fits the target.
    """
    lock = exported.pylock
    if lock.requires_python and not allows(lock.requires_python, target, manifest):
        raise ProjectError(
            "python-not-allowed",
            f"{manifest} is for Python {cut(str(lock.requires_python))}, not for {target}: choose a runtime it allows",
        )
    try:
        selected = list(
            lock.select(
                environment=target.environment,
                tags=target.tags,
                extras=exported.extras,
                dependency_groups=[*(lock.default_groups or ()), *exported.groups],
            )
        )
    except PylockSelectError as error:
        raise _refusal(error, lock, manifest, target) from None
    except (
        UndefinedComparison,
        UndefinedEnvironmentName,
        InvalidVersion,
        RecursionError,
        ValueError,
    ) as error:
        raise unevaluated(error, manifest) from None
    locked = [_locked(package, source, exported, manifest, target) for package, source in selected]
    for file in locked:
        if isinstance(file, LockedFile) and file.is_wheel:
            _refuse_unfit(file, manifest, target)
    return tuple(sorted(locked, key=_by_name))


def _by_name(locked: Locked) -> str:
    return locked.name


def _refusal(error: PylockSelectError, lock: Pylock, manifest: Path, target: Target) -> ProjectError:
    """Explain a failed selection: name the first package without an installable file, else quote `packaging`."""
    for package in lock.packages:
        if package.sdist or not _applies(package, target):
            continue
        if reason := _no_wheel(package, manifest, target):
            return ProjectError(
                "wheel-missing",
                f"{reason}. There is no source distribution to build one from: lock another version, or choose "
                f"another runtime or architecture",
            )
    return ProjectError("lock-unfit", f"{manifest} does not fit {target}: {first_line(error)}")


def _applies(package: Package, target: Target) -> bool:
    environment = cast("dict[str, str]", target.environment)
    return package.marker is None or package.marker.evaluate(environment, context="lock_file")


def _refuse_unfit(file: LockedFile, manifest: Path, target: Target) -> None:
    """Raise for a wheel of another platform: one that is locked by path or address was not selected by its tags."""
    try:
        fits = target.takes(parse_wheel_filename(file.filename)[-1])
    except InvalidWheelFilename as error:
        raise ProjectError("lock-invalid", f"{file} in {manifest}: {first_line(error)}") from None
    if not fits:
        raise ProjectError(
            "wheel-missing",
            f"{file.name} {file.version} in {manifest} has no wheel for {target}: it is locked to the file "
            f"{file.filename}. Lock one that fits, or choose another runtime or architecture",
        )


def _no_wheel(package: Package, manifest: Path, target: Target) -> str:
    filenames = [wheel.filename for wheel in package.wheels or ()]
    return no_wheel(f"{package.name} {package.version} in {manifest}", filenames, target)


def no_wheel(subject: str, filenames: Sequence[str], target: Target) -> str:
    """Return a text that names the platforms of a release whose wheels are all for others; else an empty one.

    A package that publishes wheels per platform holds compiled code. Its source distribution, built on this
    machine, would bring this machine's CPU and glibc into the layer.
    """
    tag_sets = [parse_wheel_filename(filename)[-1] for filename in filenames]
    platforms = {tag.platform for tags in tag_sets for tag in tags}
    if not platforms - {"any"} or any(map(target.takes, tag_sets)):
        return ""
    glibc = ".".join(map(str, target.runtime.glibc))
    return f"{subject} has no wheel for {target} (glibc {glibc}): its wheels are for {available(filenames, target)}"


def available(filenames: Sequence[str], target: Target) -> str:
    """Return the tags that exist, those of the target's own Linux first, cut to a readable length."""
    tags = {"-".join(filename.removesuffix(".whl").split("-")[-3:]) for filename in filenames}
    interpreter = f"cp{target.python_version.replace('.', '')}"
    nearest = sorted(
        tags, key=lambda tag: (interpreter not in tag, target.machine not in tag, "linux" not in tag, tag)
    )
    named = [cut(tag, _LONGEST_TAG) for tag in nearest[:6]]
    # A tag of a damaged lock can be as long as its file.
    while len(named) > 1 and len(", ".join(named)) > _LONGEST_TAGS:
        del named[-1]
    more = f" and {len(nearest) - len(named)} more" if len(nearest) > len(named) else ""
    return ", ".join(named) + more


def _locked(
    package: Package,
    source: PackageVcs | PackageDirectory | PackageArchive | PackageWheel | PackageSdist,
    exported: Exported,
    manifest: Path,
    target: Target,
) -> Locked:
    base = exported.base
    if isinstance(source, PackageDirectory):
        path = f"{source.path}/{source.subdirectory}" if source.subdirectory else source.path
        return LockedDirectory(package.name, local_path(base, path, package.name, manifest))
    if isinstance(source, PackageVcs):
        return locked_git(package, source, base, manifest)
    file = _locked_file(package, source, base, manifest)
    if isinstance(source, PackageWheel):
        return file
    text = _no_wheel(package, manifest, target)
    # An archive is locked by its address or path: no index lists it.
    is_open = isinstance(source, PackageSdist) and (exported.is_partial or not text)
    return replace(file, no_wheel=text, is_release_open=is_open)


def _locked_file(
    package: Package, source: PackageArchive | PackageWheel | PackageSdist, base: Path, manifest: Path
) -> LockedFile:
    sha256 = source.hashes.get("sha256")
    if sha256 is None:
        raise ProjectError(
            "hash-missing",
            f"{package.name} in {manifest} has no sha256: lock it again with a tool that records one",
        )
    location = (
        local_path(base, source.path, package.name, manifest)
        if source.path
        else address_of(str(source.url), package.name, manifest)
    )
    filename = filename_of(_filename(source, location), package.name, manifest)
    subdirectory = subdirectory_of(source, package.name, manifest)
    version = str(package.version or "")
    if not version and not subdirectory:
        version = _version_of(filename, package.name, manifest)
    return LockedFile(
        package.name,
        version,
        filename,
        sha256_of(sha256, package.name, manifest),
        location,
        source.size,
        package.index,
        subdirectory=subdirectory,
    )


def _filename(source: PackageArchive | PackageWheel | PackageSdist, location: str | Path) -> str:
    if isinstance(source, PackageArchive):
        if isinstance(location, Path):
            return location.name
        return unquote(urlsplit(location).path.rpartition("/")[2])
    return source.filename


def _version_of(filename: str, name: str, manifest: Path) -> str:
    try:
        parse = parse_wheel_filename if filename.endswith(".whl") else parse_sdist_filename
        return str(parse(filename)[1])
    except (InvalidWheelFilename, InvalidSdistFilename):
        raise ProjectError(
            "lock-invalid",
            f"{name} in {manifest} is a file that is neither a wheel nor a source distribution: {filename!r}",
        ) from None
