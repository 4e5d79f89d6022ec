"""The modules of a built wheel: a project that has some and whose wheel has none is configured wrongly."""

from __future__ import annotations

import zipfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ProjectError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from constructs_lib.core.wheels.build_inputs import BuildInputs

_MODULES = (".py", ".pyc", ".so", ".pyd")
# What people keep beside the code of a project, which no wheel needs to hold.
_BESIDE = frozenset(
    {
        "test",
        "tests",
        "testing",
        "doc",
        "docs",
        "example",
        "examples",
        "sample",
        "samples",
        "script",
        "scripts",
    }
    | {
        "notebook",
        "notebooks",
        "tool",
        "tools",
        "benchmark",
        "benchmarks",
        "bench",
        "task",
        "tasks",
        "infra",
        "cdk",
        "build",
        "dist",
    }
)
_PROGRAMS = frozenset(
    {
        "setup.py",
        "conftest.py",
        "noxfile.py",
        "tasks.py",
        "fabfile.py",
        "dodo.py",
        "hatch_build.py",
        "pdm_build.py",
    }
    | {"build.py"}
)
_PROJECT_FILES = ("pyproject.toml", "setup.py")


def refuse_without_module(wheel: Path, inputs: BuildInputs) -> None:
    """Raise a ProjectError for a wheel without any module, if its project has some and no pattern chose among them."""
    if inputs.include or inputs.exclude:
        return
    with zipfile.ZipFile(wheel) as archive:
        if any(name.endswith(_MODULES) for name in archive.namelist()):
            return
    modules = own_modules(inputs.files)
    if not modules:
        return
    ignored = [path for path in modules if path in inputs.ignored]
    reason = "check which packages and modules pyproject.toml chooses for the wheel"
    if len(ignored) == len(modules):
        reason = "git ignores them all: correct .gitignore"
    raise ProjectError(
        "build-result-empty",
        f"{inputs.directory} became {wheel.name} without any module (*.py, *.so), and has {len(modules)}, among them "
        f"{modules[0].as_posix()}: {reason}",
    )


def own_modules(files: Iterable[Path]) -> list[Path]:
    """Return the modules among a project's `files` that its wheel could hold.

    Tests, documentation and programs of tools are none, nor are the files of projects in folders below it.
    """
    files = list(files)
    projects = {path.parent for path in files if path.name in _PROJECT_FILES and path.parts[1:]}
    modules = []
    for path in files:
        folders = PurePosixPath(path.as_posix()).parent.parts
        if (
            path.suffix == ".py"
            and _BESIDE.isdisjoint(folders)
            and not any(folder.startswith(".") for folder in folders)
            and (folders or path.name not in _PROGRAMS)
            and projects.isdisjoint(path.parents)
        ):
            modules.append(path)
    return modules
