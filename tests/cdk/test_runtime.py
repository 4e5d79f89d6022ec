"""CDK's runtimes and the core's targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk import aws_lambda as lambda_

from constructs_lib.cdk.runtime import cdk_runtime, resolve_target
from constructs_lib.core.aws_facts import RUNTIMES
from constructs_lib.core.target import Target

if TYPE_CHECKING:
    from pathlib import Path

    import aws_cdk as cdk

NEWEST = list(RUNTIMES)[-1]


def test_runtime_and_architecture_are_a_target(stack: cdk.Stack, tmp_path: Path) -> None:
    chosen = resolve_target(stack, tmp_path, lambda_.Runtime.PYTHON_3_12, lambda_.Architecture.ARM_64)
    assert chosen == Target("3.12", "arm64")


def test_without_a_runtime_the_project_decides(stack: cdk.Stack, tmp_path: Path) -> None:
    """The newest that `requires-python` allows; the newest of all where there is no project."""
    assert resolve_target(stack, tmp_path, None, None) == Target(NEWEST, "x86_64")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "a"\nrequires-python = "<3.12"\n')
    assert resolve_target(stack, tmp_path, None, None) == Target("3.11", "x86_64")


def test_another_language_is_refused(stack: cdk.Stack, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"Shop: runtime 'nodejs22\.x' must be one of python3\.10"):
        resolve_target(stack, tmp_path, lambda_.Runtime.NODEJS_22_X, None)


@pytest.mark.parametrize("version", RUNTIMES)
def test_cdk_has_a_value_for_every_target(version: str) -> None:
    """The same that an app would name: functions compare runtimes by more than their names."""
    assert cdk_runtime(Target(version, "x86_64")).name == f"python{version}"
