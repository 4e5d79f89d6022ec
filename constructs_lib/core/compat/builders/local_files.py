"""Files of this machine that a lock file names; they keep their relative place beside the copied lock."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_lib.core.compat.build_tool import LayerBuildToolEnum
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.project.pyproject import read_toml
from constructs_lib.core.project.source_files import source_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_lib.core.compat.path_layout import LayerPathLayout

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
    lock = read_toml(layout.get_path_manifest(LayerBuildToolEnum.uv))
    needed = _needed(lock, every_extra=every_extra)
    return [
        LocalFile(package["name"], path)
        for package in lock.get("package", ())
        for kind, path in package.get("source", {}).items()
        if kind in _UV_KINDS and "://" not in path and path != "." and package["name"] in needed
    ]


def _needed(lock: Mapping[str, Any], *, every_extra: bool) -> set[str]:
    """Return the names of all packages that the project depends on."""
    packages = {package["name"]: package for package in lock.get("package", ())}
    members = set(lock.get("manifest", {}).get("members", ()))
    root = {
        name
        for name, package in packages.items()
        if "." in (package.get("source", {}).get(kind) for kind in ("editable", "virtual", "directory"))
    }
    needed: set[str] = set()
    waiting = root | members
    while waiting:
        package = packages.get(name := waiting.pop(), {})
        needed.add(name)
        lists = [package.get("dependencies", ())]
        if every_extra or name not in root:
            lists += package.get("optional-dependencies", {}).values()
        if every_extra and name in root:
            lists += package.get("dev-dependencies", {}).values()
        waiting |= {row["name"] for rows in lists for row in rows} - needed
    return needed


def poetry_local_files(layout: LayerPathLayout) -> list[LocalFile]:
    """Return the path dependencies of the main group."""
    lock = read_toml(layout.get_path_manifest(LayerBuildToolEnum.poetry))
    return [
        LocalFile(package["name"], package["source"]["url"], editable=bool(package.get("develop")))
        for package in lock.get("package", ())
        if package.get("source", {}).get("type") in ("directory", "file")
        and "main" in package.get("groups", ("main",))
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
