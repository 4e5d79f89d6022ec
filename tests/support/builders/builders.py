"""The builders of the tree route, by the names of their tools."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import constructs_lib.core as lib
from constructs_lib.core import LambdaLayerZipper, LayerBuildToolEnum, Target
from constructs_lib.core.system import process

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

TOOLS = [tool.value for tool in LayerBuildToolEnum]


def poetry_lock(root: Path, **variables: str) -> None:
    done = subprocess.run(
        [process.find_tool("poetry"), "lock", "--no-interaction"],
        cwd=root,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def local_builder(tool: str, project: Path, python: Path | str, **options: object) -> lib.T_BUILDER:
    kind = getattr(lib, f"{tool.capitalize()}BasedLambdaLayerLocalBuilder")
    builder: lib.T_BUILDER = kind(project / "pyproject.toml", python=python, verbose=False, **options)
    return builder


def contents(project: Path) -> dict[str, bytes]:
    """Return the project's own files."""
    found = [path for path in project.rglob("*") if path.is_file()]
    return {path.relative_to(project).as_posix(): path.read_bytes() for path in found}


def zipped(project: Path, tool: str, target: Target, ignore: Sequence[str] | None = None) -> Path:
    options = {"ignore_package_list": ignore, "verbose": False, "target": target}
    return LambdaLayerZipper(project / "pyproject.toml", tool, **options).run().path  # type: ignore[arg-type]
