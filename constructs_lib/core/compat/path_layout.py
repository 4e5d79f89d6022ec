"""Where things lie in a project's folder: what a build makes, and what a container sees of it."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.compat.build_tool import LayerBuildToolEnum
from constructs_lib.core.errors import ProjectError, StoreError

if TYPE_CHECKING:
    from constructs_lib.core.compat.logger import T_PRINTER

DIR_IN_CONTAINER = "/var/task"
"""Where a build container has the project's folder."""


def _absolute(path: str | Path) -> Path:
    """Without `..`, but with links as they are: people recognise their paths as they wrote them."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` follows links


@dataclass(frozen=True)
class LayerPathLayout:
    """The folders and files of a layer's build; all paths are absolute."""

    path_pyproject_toml: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "path_pyproject_toml", _absolute(self.path_pyproject_toml))

    @property
    def dir_project_root(self) -> Path:
        return self.path_pyproject_toml.parent

    @property
    def _dir_build_lambda(self) -> Path:
        return self.dir_project_root / "build" / "lambda"

    @property
    def dir_build_lambda_layer(self) -> Path:
        """Cleared before each build."""
        return self._dir_build_lambda / "layer"

    @property
    def path_build_lambda_layer_zip(self) -> Path:
        return self.dir_build_lambda_layer / "layer.zip"

    @property
    def dir_repo(self) -> Path:
        """A copy of what the tool reads of the project, so that the project itself stays as it is."""
        return self.dir_build_lambda_layer / "repo"

    @property
    def dir_artifacts(self) -> Path:
        """What is going to be in the zip."""
        return self.dir_build_lambda_layer / "artifacts"

    @property
    def dir_python(self) -> Path:
        """Lambda unpacks a layer into /opt and has /opt/python on `sys.path`."""
        return self.dir_artifacts / "python"

    @property
    def dir_build_lambda_layer_repo_venv_site_packages(self) -> Path:
        """Where a tool that installs into `repo/.venv` puts the packages; FileNotFoundError where it did not."""
        venv = self.dir_repo / ".venv"
        for path in (*sorted(venv.glob("lib/python3.*/site-packages")), venv / "Lib" / "site-packages"):
            if path.is_dir():
                return path
        msg = f"{venv}/lib/python3.*/site-packages not found: build the layer first"
        raise FileNotFoundError(msg)

    @property
    def path_build_lambda_layer_in_container_script_in_local(self) -> Path:
        """What runs in the container; outside the folder that is cleared."""
        return self._dir_build_lambda / "build_lambda_layer_in_container.py"

    @property
    def path_build_lambda_layer_in_container_script_in_container(self) -> str:
        return self.get_path_in_container(self.path_build_lambda_layer_in_container_script_in_local)

    @property
    def path_private_repository_credentials_in_local(self) -> Path:
        """A name only: the builders here write no secret into the project."""
        return self._dir_build_lambda / "private-repository-credentials.json"

    @property
    def path_private_repository_credentials_in_container(self) -> str:
        return self.get_path_in_container(self.path_private_repository_credentials_in_local)

    def get_path_in_container(self, path_in_local: str | Path) -> str:
        """A path of the project as the container sees it; ValueError for one outside the project."""
        path, root = _absolute(path_in_local), self.dir_project_root
        if not path.is_relative_to(root):
            path, root = path.resolve(), root.resolve()
        if not path.is_relative_to(root):
            msg = f"{path_in_local} is outside {self.dir_project_root}, which is all that the container sees"
            raise ValueError(msg)
        return "/".join([DIR_IN_CONTAINER, *path.relative_to(root).parts])

    def get_path_manifest(self, tool: LayerBuildToolEnum | str) -> Path:
        """The lock file that `tool` installs from; ValueError for an unknown tool."""
        try:
            known = LayerBuildToolEnum(tool)
        except ValueError:
            names = ", ".join(each.value for each in LayerBuildToolEnum)
            msg = f"build tool {tool!r} is unknown: choose one of {names}"
            raise ValueError(msg) from None
        return self.dir_project_root / known.manifest_name

    # --- changes on disk ---------------------------------------------------------------------------------

    def clean(self, skip_prompt: bool = False) -> None:  # noqa: FBT001, FBT002 - the seeds' signature
        """Remove what an earlier build left; on a terminal a person is asked first, unless `skip_prompt`.

        A StoreError where the folder leads out of the project; nothing is removed then.
        """
        folder = self.dir_build_lambda_layer
        if not os.path.lexists(folder):
            return
        expected = self.dir_project_root.resolve() / folder.relative_to(self.dir_project_root)
        if folder.resolve() != expected or not folder.is_dir():
            msg = f"{folder} is not a plain folder of the project but leads to {folder.resolve()}: remove it yourself"
            raise StoreError(msg)
        remove_folder(folder, skip_prompt=skip_prompt)

    def mkdirs(self) -> None:
        """Make the folders of a build."""
        for folder in (self.dir_build_lambda_layer, self.dir_repo, self.dir_artifacts, self.dir_python):
            folder.mkdir(parents=True, exist_ok=True)

    def copy_file(self, p_src: Path, p_dst: Path, printer: T_PRINTER = print) -> None:
        """Copy a file, making the folders above it, and say so."""
        printer(f"Copy {p_src} to {p_dst}")
        p_dst.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(p_src, p_dst)

    def copy_build_script(self, p_src: Path, printer: T_PRINTER = print) -> None:
        """Copy what runs in the container to where the container sees it."""
        self.copy_file(p_src, self.path_build_lambda_layer_in_container_script_in_local, printer)

    def copy_pyproject_toml(self, printer: T_PRINTER = print) -> None:
        self.copy_file(self.path_pyproject_toml, self.dir_repo / "pyproject.toml", printer)

    def copy_poetry_lock(self, printer: T_PRINTER = print) -> None:
        self._copy_manifest(LayerBuildToolEnum.poetry, printer)

    def copy_uv_lock(self, printer: T_PRINTER = print) -> None:
        self._copy_manifest(LayerBuildToolEnum.uv, printer)

    def _copy_manifest(self, tool: LayerBuildToolEnum, printer: T_PRINTER) -> None:
        path = self.get_path_manifest(tool)
        self.copy_file(path, self.dir_repo / path.name, printer)


def remove_folder(folder: Path, *, skip_prompt: bool) -> None:
    """Remove what an earlier build left in `folder`; on a terminal a person is asked first, unless `skip_prompt`."""
    if not skip_prompt and sys.stdin is not None and sys.stdin.isatty() and not _agreed(folder):
        msg = f"{folder} was kept as you asked, so nothing was built: skip_prompt=True does not ask"
        raise ProjectError(msg)
    try:
        shutil.rmtree(folder)
    except OSError as error:
        msg = f"{folder} cannot be removed: {error.strerror or error} ({error.filename or folder})"
        raise StoreError(msg) from None


def _agreed(folder: Path) -> bool:
    return input(f"Remove {folder} and build anew? [y/N] ").strip().lower() in ("y", "yes")


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
