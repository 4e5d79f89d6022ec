"""A layer whose wheels may be built in a container."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from aws_cdk import assertions
from aws_cdk import aws_lambda as lambda_

from constructs_lib import PythonLayerArtifact
from tests.support.builders.fake_docker import FakeDocker
from tests.support.builders.native import native_project
from tests.support.files.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    import aws_cdk as cdk
    import pytest

RUNTIME = lambda_.Runtime.PYTHON_3_13


def errors(stack: cdk.Stack, pattern: str) -> list[str]:
    found = assertions.Annotations.from_stack(stack).find_error(
        "/Shop/Deps", assertions.Match.string_like_regexp(pattern)
    )
    return [str(message.entry.data) for message in found]


def test_a_container_builds_what_the_index_lacks(
    stack: cdk.Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At synth, in the image that was named."""
    fake = FakeDocker(tmp_path / "bin")
    fake.set(wheel=str(make_wheel(tmp_path / "made", "crunch", tag="cp313-cp313-linux_x86_64")))
    monkeypatch.setenv("PATH", f"{fake.folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("CONSTRUCTS_LIB_STORE", str(tmp_path / "store"))
    project = native_project(tmp_path / "mill")
    PythonLayerArtifact(stack, "Deps", entry=project, runtime=RUNTIME, container="it:1")
    assert errors(stack, ".*") == []
    assert "it:1" in fake.ran.arguments


def test_without_a_container_the_error_names_it(stack: cdk.Stack, tmp_path: Path) -> None:
    """One line at the construct's path."""
    project = native_project(tmp_path / "mill", wheels="crunch-1.0-cp313-cp313-win_amd64.whl")
    PythonLayerArtifact(stack, "Deps", entry=project, runtime=RUNTIME)
    assert len(errors(stack, "crunch 1.0 .*container=True")) == 1


def test_no_container_is_started_where_none_is_needed(
    stack: cdk.Stack, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All wheels are there: the engine need not even be installed."""
    monkeypatch.setenv("CDK_DOCKER", "not-installed")
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=RUNTIME, container=True)
    assert errors(stack, ".*") == []
