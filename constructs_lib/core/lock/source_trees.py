"""Git repositories and folders of archives in a pylock.toml (PEP 751), as locked values."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from packaging.pylock import PackageArchive, PackageVcs

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import LockedGit

if TYPE_CHECKING:
    from pathlib import Path

    from packaging.pylock import Package, PackageSdist, PackageWheel


def locked_git(package: Package, source: PackageVcs, base: Path, manifest: Path) -> LockedGit:
    """Return the git dependency that `package` is; a path in the lock is relative to `base`."""
    from constructs_lib.core.project.git_access import valid_commit, valid_url  # 2 ms: only for such a lock

    where = f"{package.name} in {manifest}"
    if source.type != "git":
        raise ProjectError(
            "source-unsupported",
            f"{where} comes from version control by {source.type!r}: of that only git is read; publish it to an index "
            f"or use a path",
        )
    try:
        url = valid_url(str(source.url) if source.url else (base / str(source.path)).resolve().as_uri())
        commit = valid_commit(source.commit_id)
    except ValueError as error:
        raise ProjectError("lock-invalid", f"{where}: {error}") from None
    subdirectory = subdirectory_of(source, package.name, manifest)
    version = str(package.version) if package.version else None
    return LockedGit(package.name, url, commit, subdirectory, version, source.requested_revision)


def subdirectory_of(
    source: PackageVcs | PackageArchive | PackageWheel | PackageSdist, name: str, manifest: Path
) -> str:
    """Return the project's folder in a repository or archive; empty for the root."""
    text = source.subdirectory if isinstance(source, PackageVcs | PackageArchive) else None
    if not text:
        return ""
    path = PurePosixPath(text.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or "\0" in text:
        raise ProjectError(
            "lock-invalid",
            f"{name} in {manifest}: subdirectory {text!r} is not a folder below the root: correct it",
        )
    return "" if path == PurePosixPath() else path.as_posix()
