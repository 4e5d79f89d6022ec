"""Files of this machine that a lock file names; they keep their relative place beside the copied lock."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.compat.build_tool import LayerBuildToolEnum
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.uv_lock import read_uv_lock
from constructs_lib.core.project.source_files import source_files
from constructs_lib.core.project.toml_table import TomlTable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.utils import NormalizedName

    from constructs_lib.core.compat.path_layout import LayerPathLayout
    from constructs_lib.core.lock.uv_lock import UvLock

_UV_KINDS = ("path", "directory", "editable", "virtual", "registry")


@dataclass(frozen=True)
class LocalFile:
    """The file or folder that a package is built from."""

    name: str
    """The name of the package."""
    path: str
    """The path as the lock has it: relative to the project, or absolute."""
    editable: bool = False


def uv_local_files(layout: LayerPathLayout, *, every_extra: bool = False) -> list[LocalFile]:
    """Return the path dependencies and workspace members that the project needs, and indexes that are folders.

    `every_extra` includes those of the project's extras and dependency groups.
    """
    lock = read_uv_lock(layout.get_path_manifest(LayerBuildToolEnum.uv))
    needed = _needed(lock, every_extra=every_extra)
    return [
        LocalFile(package.name, package.source.location)
        for package in lock.packages
        if package.source.kind in _UV_KINDS
        and "://" not in package.source.location
        and package.source.location != "."
        and package.name in needed
    ]


def _needed(lock: UvLock, *, every_extra: bool) -> set[NormalizedName]:
    """Return the names of all packages that the project depends on."""
    packages = {package.name: package for package in lock.packages}
    root = {name for name, package in lock.folders.items() if package.source.location == "."}
    needed: set[NormalizedName] = set()
    waiting = root | lock.members
    while waiting:
        name = waiting.pop()
        needed.add(name)
        if (package := packages.get(name)) is not None:
            needs = [*package.dependencies()]
            if every_extra or name not in root:
                needs += package.of_all_extras()
            if every_extra and name in root:
                needs += package.of_all_groups()
            waiting |= {need.name for need in needs} - needed
    return needed


def poetry_local_files(layout: LayerPathLayout) -> list[LocalFile]:
    """Return the path dependencies of the main group."""
    lock = TomlTable.read(layout.get_path_manifest(LayerBuildToolEnum.poetry), "lock-invalid")
    return [
        LocalFile(
            package.required_text("name"),
            package.table("source").required_text("url"),
            editable=package.flag("develop"),
        )
        for package in lock.tables("package")
        if package.table("source").text("type") in ("directory", "file")
        and ("groups" not in package or "main" in package.texts("groups"))
    ]


def check_local_files(files: list[LocalFile], root: Path, lock: Path) -> None:
    """Raise a ProjectError for a file that cannot be in the copy of the project."""
    for file in files:
        path = root / file.path
        if file.editable:
            raise ProjectError(
                "dependency-editable",
                f"{lock} has {file.name} as editable (develop = true), a link to this machine's folder: set it to "
                f"false in pyproject.toml and lock again",
            )
        if os.path.isabs(file.path) or not path.resolve().is_relative_to(root.resolve()):  # noqa: PTH117
            raise ProjectError(
                "dependency-outside",
                f"{lock} has {file.name} from {file.path}, outside {root}: the builders see the project's folder "
                f"only; move it inside, or use build_layer",
            )
        if not path.exists():
            raise ProjectError("file-missing", f"{path} does not exist: {lock} has {file.name} from there")


def copy_local_files(files: list[LocalFile], root: Path, target: Path) -> None:
    """Copy the files to the same relative places below `target`; of a folder, its sources."""
    for path in {os.path.normpath(file.path) for file in files}:
        for part in _parts(root, Path(path)):
            (target / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / part, target / part)


def _parts(root: Path, path: Path) -> Iterator[Path]:
    if (root / path).is_dir():
        yield from (path / source for source in source_files(root / path))
    else:
        yield path
