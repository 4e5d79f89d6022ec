"""One builder for each tool and place, thin: what differs is a row of the table."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from constructs_lib.core.compat.build_tool import LayerBuildToolEnum
from constructs_lib.core.compat.builders.base import (
    BaseLambdaLayerContainerBuilder,
    BaseLambdaLayerLocalBuilder,
    _Builder,
)
from constructs_lib.core.compat.builders.builder_tools import TOOLS, BuilderTool, clean_environment
from constructs_lib.core.compat.builders.local_files import check_local_files, copy_local_files
from constructs_lib.core.compat.tree.zipper import move_to_dir_python
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.project.pyproject import read_pyproject
from constructs_lib.core.system import process
from constructs_lib.core.system.secrets import refuse_credentials
from constructs_lib.core.target import Target

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from packaging.specifiers import SpecifierSet


class _WithTool(_Builder):
    """What a tool's two builders have in common."""

    tool: ClassVar[LayerBuildToolEnum]

    @property
    def _row(self) -> BuilderTool:
        return TOOLS[self.tool]

    def _check_project(self, target: Target, python_version: str) -> None:
        layout = self.path_layout
        path = layout.get_path_manifest(self.tool)
        if not path.is_file():
            msg = f"{path} does not exist: run '{self._row.lock_command}' in {path.parent} and commit it"
            raise ProjectError(msg)
        pyproject = read_pyproject(layout.path_pyproject_toml)
        refuse_credentials(path.read_text(encoding="utf-8", errors="replace"), path)
        _check_python(pyproject.requires_python, python_version, layout.path_pyproject_toml)
        for warning in self._row.check(layout, target):
            self.log(f"warning: {warning}")
        check_local_files(self._row.local_files(layout), layout.dir_project_root, path)

    def _copy_project(self) -> None:
        layout = self.path_layout
        path = layout.get_path_manifest(self.tool)
        # Also where the tool reads the original: the upload says from which manifest the zip was made.
        layout.copy_file(path, layout.dir_repo / path.name, self.log)
        if self._row.in_repo:
            layout.copy_pyproject_toml(self.log)
            copy_local_files(self._row.local_files(layout), layout.dir_project_root, layout.dir_repo)

    def step_4_finalize_artifacts(self) -> None:
        """Bring the packages to `artifacts/python`, where the tool has installed them elsewhere."""
        layout = self.path_layout
        if self.tool.installs_into_venv:
            move_to_dir_python(layout.dir_build_lambda_layer_repo_venv_site_packages, layout.dir_python)
        self.log(f"Built {layout.dir_python}")


def _check_python(wanted: SpecifierSet | None, python_version: str, path: Path) -> None:
    if wanted is not None and not wanted.contains(python_version, prereleases=True):
        msg = f"{path} asks for Python {wanted}, the layer would be built with {python_version}: choose another one"
        raise ProjectError(msg)


@dataclass(frozen=True)
class _LocalBuilder(_WithTool, BaseLambdaLayerLocalBuilder):
    python: str | Path | None = field(default=None, kw_only=True)
    """The interpreter that the packages are installed for; None is the running one."""
    timeout: float = field(default=1800, kw_only=True)
    """Seconds for each command."""

    @property
    def _python(self) -> str:
        return str(self.python or sys.executable)

    @cached_property
    def _program(self) -> str:
        return process.find_tool(self.tool.value)

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
        with row.log_in(self.credentials, base) if self.credentials else nullcontext(base) as env:
            for command in row.commands(self._program, self._python, layout):
                self.log(f"Run {' '.join(command)}")
                process.run(command, cwd=cwd, env=env, timeout=self.timeout)


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
    """`pip install --target` of requirements.txt on this machine."""

    tool = LayerBuildToolEnum.pip


@dataclass(frozen=True)
class PoetryBasedLambdaLayerLocalBuilder(_LocalBuilder):
    """`poetry sync` on this machine."""

    tool = LayerBuildToolEnum.poetry


@dataclass(frozen=True)
class UvBasedLambdaLayerLocalBuilder(_LocalBuilder):
    """`uv sync` on this machine."""

    tool = LayerBuildToolEnum.uv


@dataclass(frozen=True)
class PipBasedLambdaLayerContainerBuilder(_ContainerBuilder):
    """`pip install --target` of requirements.txt in the SAM build image."""

    tool = LayerBuildToolEnum.pip
    path_script: Path = TOOLS[tool].script
    script_arguments = TOOLS[tool].script_arguments


@dataclass(frozen=True)
class PoetryBasedLambdaLayerContainerBuilder(_ContainerBuilder):
    """`poetry sync` in the SAM build image."""

    tool = LayerBuildToolEnum.poetry
    path_script: Path = TOOLS[tool].script
    script_arguments = TOOLS[tool].script_arguments


@dataclass(frozen=True)
class UvBasedLambdaLayerContainerBuilder(_ContainerBuilder):
    """`uv sync` in the SAM build image."""

    tool = LayerBuildToolEnum.uv
    path_script: Path = TOOLS[tool].script
    script_arguments = TOOLS[tool].script_arguments
