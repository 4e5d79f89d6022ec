"""The table of tools: how each installs what its lock file names. Nothing outside asks which tool it is."""

from __future__ import annotations

import os
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
from constructs_lib.core.index.credentials import Credentials, with_credentials
from constructs_lib.core.lock.locked import LockOptions
from constructs_lib.core.lock.requirements_txt import read_requirements
from constructs_lib.core.lock.stale import check_uv_lock
from constructs_lib.core.lock.uv_lock import read_uv_lock
from constructs_lib.core.project.pyproject import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import AbstractContextManager

    from constructs_lib.core.compat.path_layout import LayerPathLayout
    from constructs_lib.core.target import Target

Environment = dict[str, str]

# What people set for daily work, and what would send an install elsewhere or change what is installed.
_UNWANTED = frozenset(
    {
        *(
            "VIRTUAL_ENV",
            "CONDA_PREFIX",
            "PYTHONPATH",
            "PYTHONHOME",
            "POETRY_ACTIVE",
            "POETRY_VIRTUALENVS_PATH",
        ),
        *(
            f"PIP_{name}"
            for name in (
                *("TARGET", "PREFIX", "ROOT", "USER", "PYTHON", "REQUIRE_VIRTUALENV", "DRY_RUN", "EDITABLE"),
                *("REQUIREMENT", "CONSTRAINT", "NO_DEPS", "PRE", "PLATFORM", "PYTHON_VERSION", "ABI"),
            )
        ),
        *(
            f"UV_{name}"
            for name in (
                *("FROZEN", "LOCKED", "PROJECT", "WORKING_DIR", "WORKING_DIRECTORY", "PREVIEW", "NO_EXTRA"),
                *("PROJECT_ENVIRONMENT", "PYTHON", "NO_INSTALL_PACKAGE", "COMPILE_BYTECODE", "NO_SYNC"),
            )
        ),
    }
)


def clean_environment() -> Environment:
    """A copy of this process's environment, less what would change the meaning of our commands."""
    return {name: value for name, value in os.environ.items() if name not in _UNWANTED}


@dataclass(frozen=True)
class BuilderTool:
    """One row: a tool, and all that differs from the others."""

    tool: LayerBuildToolEnum
    lock_command: str
    """What a person runs to make the lock file."""
    in_repo: bool
    """Whether it works in a copy of the project, or in the project itself, which it leaves as it is."""
    commands: Callable[[str, str, LayerPathLayout], list[list[str]]]
    """Program, interpreter and layout → what to run on this machine."""
    environment: Mapping[str, str]
    log_in: Callable[[Credentials, Environment], AbstractContextManager[Environment]]
    """An environment that has the credentials, while the block lasts."""
    handed: Callable[[Credentials], Environment]
    """The credentials as variables, for a container."""
    script: Path
    """What runs in a container."""
    script_arguments: tuple[str, ...]
    check: Callable[[LayerPathLayout, Target], Iterable[str]]
    """Raises where the lock is not one that can be obeyed; returns what deserves a second look."""
    local_files: Callable[[LayerPathLayout], list[LocalFile]]
    """What the lock names on this machine, relative to the project."""


def _log_in_by_variables(credentials: Credentials, base: Environment) -> AbstractContextManager[Environment]:
    return nullcontext(with_credentials(base, [credentials]))


def _check_pip(layout: LayerPathLayout, target: Target) -> list[str]:
    del target
    path = layout.get_path_manifest(LayerBuildToolEnum.pip)
    requirements = read_requirements(path)
    warnings = []
    if requirements.extra_indexes and not requirements.hashed:
        warnings.append(
            f"{requirements.extra_indexes[0]}: --extra-index-url without hashes lets anybody who publishes a higher "
            f"version there into the layer (dependency confusion, CVE-2018-20225)"
        )
    if open_ := sorted({line.name for line in requirements.requirements if not line.pinned}):
        warnings.append(f"{path} does not pin {', '.join(open_)}: the layer changes when the index does")
    return warnings


def _check_uv(layout: LayerPathLayout, target: Target) -> list[str]:
    path = layout.get_path_manifest(LayerBuildToolEnum.uv)
    check_uv_lock(read_uv_lock(path), Project(layout.dir_project_root.resolve()), target, LockOptions())
    return []


TOOLS = {
    row.tool: row
    for row in (
        BuilderTool(
            tool=LayerBuildToolEnum.pip,
            lock_command="uv pip compile --generate-hashes pyproject.toml -o requirements.txt",
            in_repo=False,
            commands=lambda program, python, layout: pip.commands(
                [program, f"--python={python}"], layout.dir_project_root, layout.dir_python
            ),
            environment={},
            log_in=lambda credentials, base: credentials.pip_environment(base),
            handed=lambda credentials: {"PIP_INDEX_URL": credentials.pip_extra_index_url},
            script=Path(pip.__file__),
            script_arguments=(),
            check=_check_pip,
            local_files=lambda _: [],
        ),
        BuilderTool(
            tool=LayerBuildToolEnum.poetry,
            lock_command="poetry lock",
            in_repo=True,
            commands=lambda program, python, _: poetry.commands([program], python),
            environment=poetry.ENVIRONMENT,
            log_in=_log_in_by_variables,
            handed=lambda credentials: credentials.poetry_environment(),
            script=Path(poetry.__file__),
            script_arguments=("poetry>=2.1,<3",),
            check=lambda _layout, _target: (),  # Poetry refuses a stale lock itself
            local_files=poetry_local_files,
        ),
        BuilderTool(
            tool=LayerBuildToolEnum.uv,
            lock_command="uv lock",
            in_repo=True,
            commands=lambda program, python, _: uv.commands([program], python),
            environment=uv.ENVIRONMENT,
            log_in=_log_in_by_variables,
            handed=lambda credentials: credentials.uv_environment(),
            script=Path(uv.__file__),
            script_arguments=(f"uv=={version('uv')}",),
            check=_check_uv,
            local_files=uv_local_files,
        ),
    )
}
