"""The table of tools: how each installs the packages of its lock file. No other module asks which tool it is."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.compat.build_tool import LayerBuildToolEnum
from constructs_lib.core.compat.builders.in_container import install_pip as pip
from constructs_lib.core.compat.builders.in_container import install_poetry as poetry
from constructs_lib.core.compat.builders.in_container import install_uv as uv
from constructs_lib.core.compat.builders.local_files import LocalFile, poetry_local_files, uv_local_files
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.index.credentials import Credentials, with_credentials
from constructs_lib.core.lock.requirements.requirements_txt import read_requirements
from constructs_lib.core.lock.stale import check_uv_lock
from constructs_lib.core.lock.uv_lock import read_uv_lock
from constructs_lib.core.project.pyproject import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from constructs_lib.core.compat.builders.tool_environment import Environment
    from constructs_lib.core.compat.path_layout import LayerPathLayout
    from constructs_lib.core.lock.locked import LockOptions
    from constructs_lib.core.target import Target


@dataclass(frozen=True)
class BuilderTool:
    """One row: a tool, and everything in which it differs from the others."""

    tool: LayerBuildToolEnum
    lock_command: str
    """The command that makes the lock file."""
    in_repo: bool
    """True for a tool that works in a copy of the project; False if it runs in the project and leaves it as it is."""
    commands: Callable[[str, str, LayerPathLayout, Sequence[str]], list[list[str]]]
    """Returns the commands for a program, an interpreter, a layout and options of the tool."""
    environment: Mapping[str, str]
    log_in: Callable[[Credentials, Environment], AbstractContextManager[Environment]]
    """Returns an environment with the credentials, valid inside the block."""
    handed: Callable[[Credentials], Environment]
    """Returns the credentials as variables, for a container."""
    script: Path
    """The script that runs in a container."""
    script_arguments: tuple[str, ...]
    check: Callable[[LayerPathLayout, Target, LockOptions], Iterable[str]]
    """Raises for a lock that cannot be obeyed; returns warnings."""
    local_files: Callable[[LayerPathLayout], list[LocalFile]]
    """Returns the files of this machine that the lock names, relative to the project."""


def _pip_commands(
    program: str, python: str, layout: LayerPathLayout, _options: Sequence[str]
) -> list[list[str]]:
    return pip.commands([program, f"--python={python}"], layout.dir_project_root, layout.dir_python)


def _poetry_commands(
    program: str, python: str, _layout: LayerPathLayout, _options: Sequence[str]
) -> list[list[str]]:
    return poetry.commands([program], python)


def _uv_commands(
    program: str, python: str, _layout: LayerPathLayout, options: Sequence[str]
) -> list[list[str]]:
    return uv.commands([program], python, *options)


def _pip_variables(credentials: Credentials) -> Environment:
    return {"PIP_INDEX_URL": credentials.pip_extra_index_url}


def _no_local_files(_layout: LayerPathLayout) -> list[LocalFile]:
    return []


def _log_in_by_variables(credentials: Credentials, base: Environment) -> AbstractContextManager[Environment]:
    return nullcontext(with_credentials(base, [credentials]))


def _check_pip(layout: LayerPathLayout, _target: Target, _options: LockOptions) -> list[str]:
    path = layout.get_path_manifest(LayerBuildToolEnum.pip)
    try:
        requirements = read_requirements(path, layout.dir_project_root.resolve())
    except ProjectError as error:
        # pip installs here, and takes more than a layer that is built from the file's wheels.
        if error.id != "requirements-invalid":
            raise
        return [str(error)]
    warnings: list[str] = []
    if requirements.extra_indexes and not requirements.hashes_asked:
        where, option = requirements.extra_indexes[0]
        warnings.append(
            f"{where}: {option} without hashes takes a package of the same name with "
            f"a higher version from there (dependency confusion, CVE-2018-20225)"
        )
    if unpinned := sorted({line.label for line in requirements.requirements if not line.is_pinned}):
        warnings.append(f"{path} does not pin {', '.join(unpinned)}: the layer changes when the index does")
    return warnings


def _check_poetry(_layout: LayerPathLayout, _target: Target, _options: LockOptions) -> list[str]:
    return []  # Poetry refuses a stale lock itself


def _check_uv(layout: LayerPathLayout, target: Target, options: LockOptions) -> list[str]:
    path = layout.get_path_manifest(LayerBuildToolEnum.uv)
    check_uv_lock(read_uv_lock(path), Project(layout.dir_project_root.resolve()), target, options)
    return []


TOOLS = {
    row.tool: row
    for row in (
        BuilderTool(
            tool=LayerBuildToolEnum.pip,
            lock_command="uv pip compile --generate-hashes pyproject.toml -o requirements.txt",
            in_repo=False,
            commands=_pip_commands,
            environment={},
            log_in=Credentials.pip_environment,
            handed=_pip_variables,
            script=Path(pip.__file__),
            script_arguments=(),
            check=_check_pip,
            local_files=_no_local_files,
        ),
        BuilderTool(
            tool=LayerBuildToolEnum.poetry,
            lock_command="poetry lock",
            in_repo=True,
            commands=_poetry_commands,
            environment=poetry.ENVIRONMENT,
            log_in=_log_in_by_variables,
            handed=Credentials.poetry_environment,
            script=Path(poetry.__file__),
            script_arguments=("poetry>=2.1,<3",),
            check=_check_poetry,
            local_files=poetry_local_files,
        ),
        BuilderTool(
            tool=LayerBuildToolEnum.uv,
            lock_command="uv lock",
            in_repo=True,
            commands=_uv_commands,
            environment=uv.ENVIRONMENT,
            log_in=_log_in_by_variables,
            handed=Credentials.uv_environment,
            script=Path(uv.__file__),
            script_arguments=(f"uv=={version('uv')}",),
            check=_check_uv,
            local_files=uv_local_files,
        ),
    )
}
