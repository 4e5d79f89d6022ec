"""CDK's runtime and architecture → the core's target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_lambda as lambda_

from constructs_lib.core.aws_facts import RUNTIMES
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.project.pyproject import Project, newest_python
from constructs_lib.core.target import Target

if TYPE_CHECKING:
    from pathlib import Path

    from constructs import Construct


def resolve_target(
    scope: Construct,
    entry: str | Path,
    runtime: lambda_.Runtime | None,
    architecture: lambda_.Architecture | None,
) -> Target:
    """The target that was asked for; ValueError where Lambda runs no such Python."""
    version = runtime.name.removeprefix("python") if runtime else _newest_allowed(entry)
    if version not in RUNTIMES:
        known = ", ".join(f"python{each}" for each in RUNTIMES)
        msg = f"{scope.node.path}: runtime {runtime.name if runtime else version!r} must be one of {known}"
        raise ValueError(msg)
    return Target(version, architecture.name if architecture else "x86_64")


def cdk_runtime(target: Target) -> lambda_.Runtime:
    """CDK's own value for the target's Python: it compares runtimes by more than their names."""
    name = f"PYTHON_{target.python_version.replace('.', '_')}"
    known: lambda_.Runtime = getattr(lambda_.Runtime, name)
    return known


def _newest_allowed(entry: str | Path) -> str:
    """Where there is no project, the newest will do until building says so."""
    try:
        return newest_python(Project.at(entry))
    except ProjectError:
        return list(RUNTIMES)[-1]
