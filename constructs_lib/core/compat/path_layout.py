"""The folders and files of a build on this machine, and their paths in a build container."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.compat.build_tool import LayerBuildToolEnum
from constructs_lib.core.compat.folders import remove_folder
from constructs_lib.core.errors import ProjectError, StoreError
from constructs_lib.core.system.files import reading

if TYPE_CHECKING:
    from constructs_lib.core.compat.logger import T_PRINTER

DIR_IN_CONTAINER = "/var/task"
"""The project's folder in a build container."""
_VERSION = re.compile(r"^version(?:_info)? *= *(\d+)\.(\d+)\.(\d+)", re.MULTILINE)


def _absolute(path: str | Path) -> Path:
    """Return the path without `..`; links stay, so that messages show the path as it was given."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` follows links


@dataclass(frozen=True)
class LayerPathLayout:
    """The folders and files of a layer's build; all paths are absolute."""

    path_pyproject_toml: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "path_pyproject_toml", _absolute(self.path_pyproject_toml))

    # --- the project -------------------------------------------------------------------------------------

    @property
    def dir_project_root(self) -> Path:
        return self.path_pyproject_toml.parent

    @property
    def path_requirements_txt(self) -> Path:
        return self.get_path_manifest(LayerBuildToolEnum.pip)

    @property
    def path_poetry_lock(self) -> Path:
        return self.get_path_manifest(LayerBuildToolEnum.poetry)

    @property
    def path_uv_lock(self) -> Path:
        return self.get_path_manifest(LayerBuildToolEnum.uv)

    @property
    def dir_venv(self) -> Path:
        """The project's own virtual environment; the builders here do not use it."""
        return self.dir_project_root / ".venv"

    @property
    def path_venv_bin_python(self) -> Path:
        return self.dir_venv / "bin" / "python"

    @property
    def venv_python_version(self) -> tuple[int, int, int]:
        """The Python version of `dir_venv`, as its `pyvenv.cfg` records it.

        Raises a ProjectError if there is no such file or version.
        """
        path = self.dir_venv / "pyvenv.cfg"
        with reading(path, "make the virtual environment first"):
            match = _VERSION.search(path.read_text(encoding="utf-8"))
        if match is None:
            raise ProjectError(
                "venv-unversioned", f"{path} names no Python version: make the environment again"
            )
        major, minor, micro = map(int, match.groups())
        return major, minor, micro

    # --- the build ---------------------------------------------------------------------------------------

    @property
    def dir_build_lambda(self) -> Path:
        return self.dir_project_root / "build" / "lambda"

    @property
    def dir_build_lambda_layer(self) -> Path:
        """The folder of a layer's build, cleared before each one."""
        return self.dir_build_lambda / "layer"

    @property
    def path_build_lambda_layer_zip(self) -> Path:
        return self.dir_build_lambda_layer / "layer.zip"

    @property
    def dir_repo(self) -> Path:
        """A copy of the project's files that the tool reads, so that the project itself stays as it is."""
        return self.dir_build_lambda_layer / "repo"

    @property
    def path_tmp_pyproject_toml(self) -> Path:
        return self.dir_repo / self.path_pyproject_toml.name

    @property
    def path_tmp_poetry_lock(self) -> Path:
        return self.dir_repo / self.path_poetry_lock.name

    @property
    def path_tmp_uv_lock(self) -> Path:
        return self.dir_repo / self.path_uv_lock.name

    @property
    def dir_artifacts(self) -> Path:
        """The tree of the zip."""
        return self.dir_build_lambda_layer / "artifacts"

    @property
    def dir_python(self) -> Path:
        """The packages: Lambda unpacks a layer into /opt and has /opt/python on `sys.path`."""
        return self.dir_artifacts / "python"

    @property
    def dir_build_lambda_layer_repo_venv_site_packages(self) -> Path:
        """The packages of a tool that installs into `repo/.venv`; FileNotFoundError before such a build."""
        venv = self.dir_repo / ".venv"
        for path in (*sorted(venv.glob("lib/python3.*/site-packages")), venv / "Lib" / "site-packages"):
            if path.is_dir():
                return path
        raise FileNotFoundError(f"{venv}/lib/python3.*/site-packages not found: build the layer first")

    @property
    def path_build_lambda_layer_in_container_script_in_local(self) -> Path:
        """The script that runs in the container; outside the folder that is cleared."""
        return self.dir_build_lambda / "build_lambda_layer_in_container.py"

    @property
    def path_build_lambda_layer_in_container_script_in_container(self) -> str:
        return self.get_path_in_container(self.path_build_lambda_layer_in_container_script_in_local)

    @property
    def path_private_repository_credentials_in_local(self) -> Path:
        """A name only: the builders here write no secret into the project."""
        return self.dir_build_lambda / "private-repository-credentials.json"

    @property
    def path_private_repository_credentials_in_container(self) -> str:
        return self.get_path_in_container(self.path_private_repository_credentials_in_local)

    def get_path_in_container(self, path_in_local: str | Path) -> str:
        """Return the path in the container of a path of the project; ValueError for one outside the project."""
        path, root = _absolute(path_in_local), self.dir_project_root
        if not path.is_relative_to(root):
            path, root = path.resolve(), root.resolve()
        if not path.is_relative_to(root):
            raise ValueError(
                f"{path_in_local} is outside {self.dir_project_root}, which is all that the container sees"
            )
        return "/".join([DIR_IN_CONTAINER, *path.relative_to(root).parts])

    def get_path_manifest(self, tool: LayerBuildToolEnum | str) -> Path:
        """Return the lock file that `tool` installs from; ValueError for an unknown tool."""
        try:
            build_tool = LayerBuildToolEnum(tool)
        except ValueError:
            names = ", ".join(member.value for member in LayerBuildToolEnum)
            raise ValueError(f"build tool {tool!r} is unknown: choose one of {names}") from None
        return self.dir_project_root / build_tool.manifest_name

    # --- changes on disk ---------------------------------------------------------------------------------

    def clean(self, skip_prompt: bool = False) -> None:
        """Remove what an earlier build left; on a terminal ask first, unless `skip_prompt` is set.

        Raises a StoreError if the folder leads out of the project; nothing is removed then.
        """
        folder = self.dir_build_lambda_layer
        if not os.path.lexists(folder):
            return
        expected = self.dir_project_root.resolve() / folder.relative_to(self.dir_project_root)
        if folder.resolve() != expected or not folder.is_dir():
            raise StoreError(
                "build-folder-linked",
                f"{folder} is not a plain folder of the project but leads to {folder.resolve()}: remove it yourself",
            )
        remove_folder(folder, skip_prompt=skip_prompt)

    def mkdirs(self) -> None:
        """Make the folders of a build."""
        for folder in (self.dir_build_lambda_layer, self.dir_repo, self.dir_artifacts, self.dir_python):
            folder.mkdir(parents=True, exist_ok=True)

    def copy_file(self, p_src: Path, p_dst: Path, printer: T_PRINTER = print) -> None:
        """Copy a file, making the folders above it, and print both paths."""
        printer(f"Copy {p_src} to {p_dst}")
        p_dst.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(p_src, p_dst)

    def copy_build_script(self, p_src: Path, printer: T_PRINTER = print) -> None:
        """Copy the script that runs in the container into the project."""
        self.copy_file(p_src, self.path_build_lambda_layer_in_container_script_in_local, printer)

    def copy_pyproject_toml(self, printer: T_PRINTER = print) -> None:
        self.copy_file(self.path_pyproject_toml, self.path_tmp_pyproject_toml, printer)

    def copy_poetry_lock(self, printer: T_PRINTER = print) -> None:
        self.copy_file(self.path_poetry_lock, self.path_tmp_poetry_lock, printer)

    def copy_uv_lock(self, printer: T_PRINTER = print) -> None:
        self.copy_file(self.path_uv_lock, self.path_tmp_uv_lock, printer)


@dataclass(frozen=True)
class SourcePathLayout:
    """The folders and files of a source artifact's build."""

    dir_root: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "dir_root", _absolute(self.dir_root))

    @property
    def dir_build(self) -> Path:
        return self.dir_root / "build"

    @property
    def path_source_zip(self) -> Path:
        return self.dir_root / "source.zip"
