"""One builder for each tool and place; the table of tools holds the differences."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from constructs_lib.core.compat.build_tool import LayerBuildToolEnum
from constructs_lib.core.compat.builders.base import (
    BaseLambdaLayerContainerBuilder,
    BaseLambdaLayerLocalBuilder,
    Builder,
)
from constructs_lib.core.compat.builders.builder_tools import TOOLS, BuilderTool
from constructs_lib.core.compat.builders.local_files import (
    check_local_files,
    copy_local_files,
    uv_local_files,
)
from constructs_lib.core.compat.builders.tool_environment import clean_environment
from constructs_lib.core.compat.tree.zipper import move_to_dir_python
from constructs_lib.core.compat.uv_options import UvSyncOptions
from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.index.auth import Access
from constructs_lib.core.lock.locked import LockOptions
from constructs_lib.core.progress import QUIET
from constructs_lib.core.project.pyproject import read_pyproject
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.system import process
from constructs_lib.core.system.secrets import refuse_credentials
from constructs_lib.core.target import Target
from constructs_lib.core.wheels.build_here import BuildsHere
from constructs_lib.core.wheels.distutils_settings import SETTINGS_VARIABLE, write_distutils_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from packaging.specifiers import SpecifierSet

    from constructs_lib.core.compat.builders.local_files import LocalFile
    from constructs_lib.core.index.credentials import Credentials


class _WithTool(Builder):
    """The steps that the two builders of a tool share."""

    tool: ClassVar[LayerBuildToolEnum]
    credentials: Credentials | None

    @property
    def _row(self) -> BuilderTool:
        return TOOLS[self.tool]

    @property
    def _lock_options(self) -> LockOptions:
        return LockOptions()

    def _local_files(self) -> list[LocalFile]:
        return self._row.local_files(self.path_layout)

    def _check_project(self, target: Target, python_version: str) -> None:
        layout = self.path_layout
        path = layout.get_path_manifest(self.tool)
        if not path.is_file():
            raise ProjectError(
                "lock-missing",
                f"{path} does not exist: run '{self._row.lock_command}' in {path.parent} and commit it",
            )
        pyproject = read_pyproject(layout.path_pyproject_toml)
        refuse_credentials(path.read_text(encoding="utf-8", errors="replace"), path)
        _check_python(pyproject.requires_python, python_version, layout.path_pyproject_toml)
        for warning in self._row.check(layout, target, self._lock_options):
            self.log(f"warning: {warning}")
        check_local_files(self._local_files(), layout.dir_project_root, path)

    def _copy_project(self) -> None:
        layout = self.path_layout
        path = layout.get_path_manifest(self.tool)
        # Also for a tool that reads the original: the upload records the manifest that the zip was made from.
        layout.copy_file(path, layout.dir_repo / path.name, self.log)
        if self._row.in_repo:
            layout.copy_pyproject_toml(self.log)
            credentials = [self.credentials] if self.credentials else []
            access = Access(credentials, project=layout.dir_project_root)
            builds = BuildsHere(WheelStore.default(), QUIET, access)
            copy_local_files(self._local_files(), layout.dir_project_root, layout.dir_repo, builds)

    def step_4_finalize_artifacts(self) -> None:
        """Move the packages to `artifacts/python`, if the tool has installed them elsewhere."""
        layout = self.path_layout
        if self.tool.installs_into_venv:
            move_to_dir_python(layout.dir_build_lambda_layer_repo_venv_site_packages, layout.dir_python)
        self.log(f"Built {layout.dir_python}")


def _check_python(allowed: SpecifierSet | None, python_version: str, path: Path) -> None:
    if allowed is not None and not allowed.contains(python_version, prereleases=True):
        raise ProjectError(
            "python-not-allowed",
            f"{path} asks for Python {allowed}, the layer would be built with {python_version}: choose another one",
        )


@dataclass(frozen=True)
class _LocalBuilder(_WithTool, BaseLambdaLayerLocalBuilder):
    python: str | Path | None = field(default=None, kw_only=True)
    """The interpreter that the packages are installed for; None is the running one, or that of `path_bin_pip`."""
    timeout: float = field(default=1800, kw_only=True)
    """Seconds for each command."""

    @property
    def _path_bin(self) -> str | Path | None:
        raise NotImplementedError

    @property
    def _options(self) -> Sequence[str]:
        return ()

    @property
    def _python(self) -> str:
        return str(self.python or sys.executable)

    @cached_property
    def _program(self) -> str:
        path = self._path_bin
        if path is None or os.path.basename(path) == str(path):  # noqa: PTH119 - a bare name has no folder
            return process.find_tool(str(path or self.tool.value))
        program = shutil.which(path)
        if program is None:
            raise ToolError(
                "tool-missing",
                f"path_bin_{self.tool.value} is {path}, which is no program: correct it or leave it out",
            )
        # The tool runs in another folder, so that a relative path would mean another file there.
        return os.path.abspath(program)  # noqa: PTH100 - `resolve` would leave the virtual environment

    def _check_inputs(self) -> None:
        cwd = self.path_layout.dir_project_root
        version = process.run([self._python, "-V"], cwd=cwd, env=clean_environment()).split()[1]
        self.log(f"With {self._program} for Python {version} ({self._python})")
        self._check_project(Target(".".join(version.split(".")[:2])), version)

    def step_2_prepare_environment(self) -> None:
        super().step_2_prepare_environment()
        self._copy_project()

    def step_3_execute_build(self) -> None:
        """Run the tool."""
        layout, row = self.path_layout, self._row
        base = {**clean_environment(), **row.environment}
        cwd = layout.dir_repo if row.in_repo else layout.dir_project_root
        with (
            tempfile.TemporaryDirectory(prefix="constructs-lib-") as scratch,
            row.log_in(self.credentials, base) if self.credentials else nullcontext(base) as env,
        ):
            # Of a path in requirements.txt pip builds in place.
            write_distutils_settings(Path(scratch) / "distutils.cfg", scratch)
            settings = {SETTINGS_VARIABLE: f"{scratch}/distutils.cfg", "PYTHONDONTWRITEBYTECODE": "1"}
            for command in row.commands(self._program, self._python, layout, self._options):
                self.log(f"Run {' '.join(command)}")
                process.run(command, cwd=cwd, env={**env, **settings}, timeout=self.timeout)


@dataclass(frozen=True)
class _ContainerBuilder(_WithTool, BaseLambdaLayerContainerBuilder):
    @property
    def handed_credentials(self) -> Mapping[str, str]:
        return self._row.handed(self.credentials) if self.credentials else {}

    def _check_inputs(self) -> None:
        self._check_project(self.target, self.target.runtime.full_version)

    def step_2_prepare_environment(self) -> None:
        super().step_2_prepare_environment()
        self._copy_project()


@dataclass(frozen=True)
class PipBasedLambdaLayerLocalBuilder(_LocalBuilder):
    """A build by `pip install --target` of requirements.txt on this machine."""

    tool = LayerBuildToolEnum.pip
    path_bin_pip: str | Path | None = field(default=None, kw_only=True)
    """The pip to use, for its own Python; None is the pip of this environment."""

    @property
    def _path_bin(self) -> str | Path | None:
        return self.path_bin_pip

    @property
    def _python(self) -> str:
        if self.python is None and self.path_bin_pip is not None:
            beside = Path(self._program).with_name("python")
            return str(beside if beside.is_file() else sys.executable)
        return super()._python


@dataclass(frozen=True)
class PoetryBasedLambdaLayerLocalBuilder(_LocalBuilder):
    """A build by `poetry sync` on this machine."""

    tool = LayerBuildToolEnum.poetry
    path_bin_poetry: str | Path | None = field(default=None, kw_only=True)
    """The Poetry to use; None is that of this environment."""

    @property
    def _path_bin(self) -> str | Path | None:
        return self.path_bin_poetry


class _WithUvOptions(_WithTool):
    """The options of `uv sync` in both builders of uv."""

    uv_sync_options: UvSyncOptions | None

    @property
    def _lock_options(self) -> LockOptions:
        chosen = self.uv_sync_options or UvSyncOptions()
        return LockOptions(extras=tuple(chosen.extras), groups=tuple(chosen.groups))

    def _local_files(self) -> list[LocalFile]:
        # With options the files of every extra and group are copied: uv chooses among them.
        return uv_local_files(self.path_layout, every_extra=self.uv_sync_options is not None)


@dataclass(frozen=True)
class UvBasedLambdaLayerLocalBuilder(_WithUvOptions, _LocalBuilder):
    """A build by `uv sync` on this machine."""

    tool = LayerBuildToolEnum.uv
    path_bin_uv: str | Path | None = field(default=None, kw_only=True)
    """The uv to use; None is that of this environment."""
    uv_sync_options: UvSyncOptions | None = field(default=None, kw_only=True)
    """None installs the main dependencies alone."""

    @property
    def _path_bin(self) -> str | Path | None:
        return self.path_bin_uv

    @property
    def _options(self) -> Sequence[str]:
        return self.uv_sync_options.to_args() if self.uv_sync_options else ()


@dataclass(frozen=True)
class PipBasedLambdaLayerContainerBuilder(_ContainerBuilder):
    """A build by `pip install --target` of requirements.txt in the SAM build image."""

    tool = LayerBuildToolEnum.pip
    path_script: Path | None = TOOLS[tool].script
    script_arguments = TOOLS[tool].script_arguments


@dataclass(frozen=True)
class PoetryBasedLambdaLayerContainerBuilder(_ContainerBuilder):
    """A build by `poetry sync` in the SAM build image."""

    tool = LayerBuildToolEnum.poetry
    path_script: Path | None = TOOLS[tool].script
    script_arguments = TOOLS[tool].script_arguments


@dataclass(frozen=True)
class UvBasedLambdaLayerContainerBuilder(_WithUvOptions, _ContainerBuilder):
    """A build by `uv sync` in the SAM build image."""

    tool = LayerBuildToolEnum.uv
    path_script: Path | None = TOOLS[tool].script
    script_arguments = TOOLS[tool].script_arguments
    uv_sync_options: UvSyncOptions | None = field(default=None, kw_only=True)
    """None installs the main dependencies alone."""

    @property
    def script_args(self) -> list[str]:
        """The version of uv to fetch if the image has none, and the options of `uv sync`."""
        options = self.uv_sync_options.to_args() if self.uv_sync_options else []
        return [*super().script_args, *options]


UVBasedLambdaLayerLocalBuilder = UvLambdaLayerLocalBuilder = UvBasedLambdaLayerLocalBuilder
UVBasedLambdaLayerContainerBuilder = UvLambdaLayerContainerBuilder = UvBasedLambdaLayerContainerBuilder
CONTAINER_BUILDERS: Mapping[LayerBuildToolEnum, type[_ContainerBuilder]] = {
    LayerBuildToolEnum.pip: PipBasedLambdaLayerContainerBuilder,
    LayerBuildToolEnum.poetry: PoetryBasedLambdaLayerContainerBuilder,
    LayerBuildToolEnum.uv: UvBasedLambdaLayerContainerBuilder,
}
