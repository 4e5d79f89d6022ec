"""Files of this machine that a lock file names; they keep their relative place beside the copied lock."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.compat.build_tool import LayerBuildToolEnum
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.inspect.left_files import left_out_findings
from constructs_lib.core.lock.uv_lock import read_uv_lock
from constructs_lib.core.log import log
from constructs_lib.core.project.pyproject import read_pyproject
from constructs_lib.core.project.toml_table import TomlTable
from constructs_lib.core.source.plain_files import plain_files
from constructs_lib.core.wheels.build_here import NativeCodeError

if TYPE_CHECKING:
    from pathlib import Path

    from packaging.utils import NormalizedName

    from constructs_lib.core.compat.path_layout import LayerPathLayout
    from constructs_lib.core.lock.uv_lock import UvLock
    from constructs_lib.core.wheels.build_here import BuildsHere

_BACKEND = "built_wheel"
_PROJECT = f"""\
[build-system]
requires = []
build-backend = "{_BACKEND}"
backend-path = ["."]

[project]
name = "{{built.name}}"
version = "{{built.version}}"
"""
_PROGRAM = """\
import shutil


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    shutil.copy("{built.filename}", wheel_directory)
    return "{built.filename}"
"""
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


def copy_local_files(files: list[LocalFile], root: Path, target: Path, builds: BuildsHere) -> None:
    """Copy the files to the same relative places below `target`.

    A project's folder becomes one that gives the wheel that its backend makes in place: in a copy of its files alone
    a backend would not find git, nor what lies beside the project. One with native code is copied, less the files
    for secrets and those that git ignores.
    """
    for path in sorted({os.path.normpath(file.path) for file in files}):
        source, copy = root / path, target / path
        if source.is_dir() and _is_package(source):
            _copy_project(source, copy, builds)
        elif source.is_dir():
            _copy_files(source, copy)
        else:
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copy)


def _is_package(folder: Path) -> bool:
    path = folder / "pyproject.toml"
    return read_pyproject(path).is_package if path.is_file() else (folder / "setup.py").is_file()


def _copy_project(source: Path, copy: Path, builds: BuildsHere) -> None:
    try:
        built = builds.directory(source)
    except NativeCodeError:
        _copy_files(source, copy)
        return
    for finding in left_out_findings(built.left_out):
        log.warning(finding.text)
    copy.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(builds.store.path(built.sha256), copy / built.filename)
    (copy / "pyproject.toml").write_text(_PROJECT.format(built=built), encoding="utf-8")
    (copy / f"{_BACKEND}.py").write_text(_PROGRAM.format(built=built), encoding="utf-8")


def _copy_files(source: Path, copy: Path) -> None:
    files, left_out = plain_files(source)
    for finding in left_out_findings(left_out):
        log.warning(finding.text)
    for path in files:
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / path, copy / path)
