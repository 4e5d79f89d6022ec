"""pylock.toml (PEP 751) → what one target installs."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

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

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import Exported, Locked, LockedDirectory, LockedFile
from constructs_lib.core.system.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from constructs_lib.core.target import Target


def select(exported: Exported, manifest: Path, target: Target) -> tuple[Locked, ...]:
    """Choose what `target` installs of what `manifest` was exported to.

    A ProjectError names the package where nothing fits the target.
    """
    try:
        lock = Pylock.from_dict(exported.pylock)
    except PylockValidationError as error:
        msg = f"{manifest} gave a pylock.toml that is not valid: {error}"
        raise ProjectError(msg) from None
    full_version = target.runtime.full_version
    if lock.requires_python and not lock.requires_python.contains(full_version):
        msg = f"{manifest} is for Python {lock.requires_python}, not for {target}: choose a runtime it allows"
        raise ProjectError(msg)
    try:
        chosen = list(
            lock.select(
                environment=target.environment,
                tags=target.tags,
                extras=exported.extras,
                dependency_groups=[*(lock.default_groups or ()), *exported.groups],
            )
        )
    except PylockSelectError as error:
        raise _refusal(error, lock, manifest, target) from None
    locked = [
        _locked(
            package,
            source,
            exported.base,
            manifest,
            "" if isinstance(source, PackageWheel) else _no_wheel(package, manifest, target),
        )
        for package, source in chosen
    ]
    for each in locked:
        if isinstance(each, LockedFile) and each.is_wheel:
            _refuse_unfit(each, manifest, target)
    return tuple(sorted(locked, key=lambda each: each.name))


def _refusal(error: PylockSelectError, lock: Pylock, manifest: Path, target: Target) -> ProjectError:
    """By the first package that nothing can be installed of, if it is that; else what the standard's words are."""
    for package in lock.packages:
        if not package.sdist and _applies(package, target) and (why := _no_wheel(package, manifest, target)):
            return ProjectError(
                f"{why}. There is no source distribution to build one from: lock another version, or choose "
                f"another runtime or architecture"
            )
    return ProjectError(f"{manifest} does not fit {target}: {error}")


def _applies(package: Package, target: Target) -> bool:
    environment = cast("dict[str, str]", target.environment)
    return package.marker is None or package.marker.evaluate(environment, context="lock_file")


def _refuse_unfit(file: LockedFile, manifest: Path, target: Target) -> None:
    """A wheel that the lock names directly, by path or address, was not chosen by its tags."""
    try:
        fits = not parse_wheel_filename(file.filename)[-1].isdisjoint(target.tags)
    except InvalidWheelFilename as error:
        msg = f"{file} in {manifest}: {error}"
        raise ProjectError(msg) from None
    if not fits:
        msg = (
            f"{file.name} {file.version} in {manifest} has no wheel for {target}: it is locked to the file "
            f"{file.filename}. Lock one that fits, or choose another runtime or architecture"
        )
        raise ProjectError(msg)


def _no_wheel(package: Package, manifest: Path, target: Target) -> str:
    """What a package is called whose wheels are all for other platforms; empty for one without any such wheel.

    A package that publishes wheels per platform holds compiled code. Its source distribution, built on this
    machine, would bring this machine's CPU and glibc into the layer.
    """
    tags = [parse_wheel_filename(wheel.filename)[-1] for wheel in package.wheels or ()]
    platforms = {tag.platform for each in tags for tag in each}
    if not platforms - {"any"} or any(not each.isdisjoint(target.tags) for each in tags):
        return ""
    glibc = ".".join(map(str, target.runtime.glibc))
    return (
        f"{package.name} {package.version} in {manifest} has no wheel for {target} (glibc {glibc}): its wheels are "
        f"for {_available(package.wheels or (), target)}"
    )


def _available(wheels: Sequence[PackageWheel], target: Target) -> str:
    """The tags that exist, those of the target's own Linux first, cut to a readable length."""
    tags = {"-".join(wheel.filename.removesuffix(".whl").split("-")[-3:]) for wheel in wheels}
    interpreter = f"cp{target.python_version.replace('.', '')}"
    near = sorted(
        tags, key=lambda tag: (interpreter not in tag, target.machine not in tag, "linux" not in tag, tag)
    )
    more = f" and {len(near) - 6} more" if len(near) > 6 else ""
    return ", ".join(near[:6]) + more


def _locked(
    package: Package,
    source: PackageVcs | PackageDirectory | PackageArchive | PackageWheel | PackageSdist,
    base: Path,
    manifest: Path,
    no_wheel: str,
) -> Locked:
    if isinstance(source, PackageDirectory):
        return LockedDirectory(package.name, (base / source.path).resolve())
    if isinstance(source, PackageVcs):
        msg = (
            f"{package.name} in {manifest} comes from version control ({redact(str(source.url or source.path))}): "
            f"this release builds path dependencies and index files only; publish it to an index or use a path"
        )
        raise ProjectError(msg)
    sha256 = source.hashes.get("sha256")
    if sha256 is None:
        msg = f"{package.name} in {manifest} has no sha256: lock it again with a tool that records one"
        raise ProjectError(msg)
    location: str | Path = (base / source.path).resolve() if source.path else str(source.url)
    filename = _filename(source, location)
    version = str(package.version) if package.version else _version_of(filename, package.name, manifest)
    return LockedFile(
        package.name, version, filename, sha256.lower(), location, source.size, package.index, no_wheel
    )


def _filename(source: PackageArchive | PackageWheel | PackageSdist, location: str | Path) -> str:
    if isinstance(source, PackageArchive):
        return str(location).partition("#")[0].partition("?")[0].replace("\\", "/").rpartition("/")[2]
    return source.filename


def _version_of(filename: str, name: str, manifest: Path) -> str:
    try:
        parse = parse_wheel_filename if filename.endswith(".whl") else parse_sdist_filename
        return str(parse(filename)[1])
    except (InvalidWheelFilename, InvalidSdistFilename):
        msg = (
            f"{name} in {manifest} is a file that is neither a wheel nor a source distribution: {filename!r}"
        )
        raise ProjectError(msg) from None
