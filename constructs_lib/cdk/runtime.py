"""The core's target from CDK's runtime and architecture, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_lambda as lambda_

from constructs_lib.cdk.answers import path_of
from constructs_lib.core.aws_facts import NEWEST, RUNTIMES
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.project.default_python import default_python
from constructs_lib.core.project.pyproject import Project
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
    """Return the target; raise a ValueError if Lambda runs no such Python."""
    version = runtime.name.removeprefix("python") if runtime else _default_version(entry)
    if version not in RUNTIMES:
        runtimes = ", ".join(f"python{supported}" for supported in RUNTIMES)
        name = runtime.name if runtime else version
        raise ValueError(f"{path_of(scope)}: runtime {name!r} must be one of {runtimes}")
    return Target(version, architecture.name if architecture else "x86_64")


def cdk_runtime(target: Target) -> lambda_.Runtime:
    """Return CDK's own value for the target's Python: CDK compares runtimes by more than their names."""
    name = f"PYTHON_{target.python_version.replace('.', '_')}"
    runtime: lambda_.Runtime | None = getattr(lambda_.Runtime, name, None)
    return runtime or lambda_.Runtime(f"python{target.python_version}", lambda_.RuntimeFamily.PYTHON)


def spellings(runtime: lambda_.Runtime) -> list[lambda_.Runtime]:
    """Return the runtime, and where CDK has no value of its own for it, all that an app may write for it.

    CDK lets a function use a layer only if both have runtimes of the same name, family and `supports_inline_code`.
    """
    if hasattr(lambda_.Runtime, runtime.name.upper().replace("PYTHON", "PYTHON_").replace(".", "_")):
        return [runtime]
    return [
        lambda_.Runtime(runtime.name, family, supports_inline_code=inline)
        for family in (lambda_.RuntimeFamily.PYTHON, None)
        for inline in (False, True)
    ]


def _default_version(entry: str | Path) -> str:
    """Return the project's default Python; the newest of all where the build will fail anyway."""
    try:
        return default_python(Project.at(entry)).version
    except ProjectError:
        return NEWEST
