"""What a lock file names on this machine: it has to lie at the same relative place beside the copied lock."""

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
    """A file or folder that a package comes from."""

    name: str
    """The package's."""
    path: str
    """As the lock names it: relative to the project, or absolute."""
    editable: bool = False


def uv_local_files(layout: LayerPathLayout) -> list[LocalFile]:
    """The path dependencies and workspace members that the project needs, and indexes that are folders."""
    lock = read_toml(layout.get_path_manifest(LayerBuildToolEnum.uv))
    needed = _needed(lock)
    return [
        LocalFile(package["name"], path)
        for package in lock.get("package", ())
        for kind, path in package.get("source", {}).items()
        if kind in _UV_KINDS and "://" not in path and path != "." and package["name"] in needed
    ]


def _needed(lock: Mapping[str, Any]) -> set[str]:
    """The names of all packages that the project depends on; development groups do not count."""
    packages = {package["name"]: package for package in lock.get("package", ())}
    members = set(lock.get("manifest", {}).get("members", ()))
    root = {
        name
        for name, package in packages.items()
        if "." in (package.get("source", {}).get(kind) for kind in ("editable", "virtual", "directory"))
    }
    found: set[str] = set()
    todo = root | members
    while todo:
        package = packages.get(name := todo.pop(), {})
        found.add(name)
        optional = {} if name in root else package.get("optional-dependencies", {})
        rows = [package.get("dependencies", ()), *optional.values()]
        todo |= {row["name"] for each in rows for row in each} - found
    return found


def poetry_local_files(layout: LayerPathLayout) -> list[LocalFile]:
    """The path dependencies of the main group."""
    lock = read_toml(layout.get_path_manifest(LayerBuildToolEnum.poetry))
    return [
        LocalFile(package["name"], package["source"]["url"], editable=bool(package.get("develop")))
        for package in lock.get("package", ())
        if package.get("source", {}).get("type") in ("directory", "file")
        and "main" in package.get("groups", ("main",))
    ]


def check_local_files(files: list[LocalFile], root: Path, lock: Path) -> None:
    """Raise a ProjectError for one that the copy of the project could not have."""
    for file in files:
        path = root / file.path
        if file.editable:
            msg = (
                f"{lock} has {file.name} as editable (develop = true), a link to this machine's folder: set it to "
                f"false in pyproject.toml and lock again"
            )
            raise ProjectError(msg)
        if os.path.isabs(file.path) or not path.resolve().is_relative_to(root.resolve()):  # noqa: PTH117
            msg = (
                f"{lock} has {file.name} from {file.path}, outside {root}: the builders see the project's folder "
                f"only; move it inside, or use build_layer"
            )
            raise ProjectError(msg)
        if not path.exists():
            msg = f"{path} does not exist, from where {lock} has {file.name}"
            raise ProjectError(msg)


def copy_local_files(files: list[LocalFile], root: Path, target: Path) -> None:
    """Copy them to the same places below `target`; of a folder, its sources."""
    for path in {os.path.normpath(file.path) for file in files}:
        for part in _parts(root, Path(path)):
            (target / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / part, target / part)


def _parts(root: Path, path: Path) -> Iterator[Path]:
    if (root / path).is_dir():
        yield from (path / each for each in source_files(root / path))
    else:
        yield path
