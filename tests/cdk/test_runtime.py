"""CDK's runtimes and the core's targets."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from constructs_lib import PythonLayerArtifact
from constructs_lib.cdk.runtime import cdk_runtime, resolve_target
from constructs_lib.core.aws_facts import NEWEST, RUNTIMES
from constructs_lib.core.target import Target
from tests.support.files.projects import make_project
from tests.support.files.templates import infos, one, template, warnings

if TYPE_CHECKING:
    from pathlib import Path


def test_runtime_and_architecture_are_a_target(stack: cdk.Stack, tmp_path: Path) -> None:
    chosen = resolve_target(stack, tmp_path, lambda_.Runtime.PYTHON_3_12, lambda_.Architecture.ARM_64)
    assert chosen == Target("3.12", "arm64")


def test_without_a_runtime_the_project_decides(stack: cdk.Stack, tmp_path: Path) -> None:
    """`.python-version`, else the newest that `requires-python` allows; the newest of all where there is no project."""
    assert resolve_target(stack, tmp_path, None, None) == Target(NEWEST, "x86_64")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "a"\nrequires-python = "<3.12"\n')
    assert resolve_target(stack, tmp_path, None, None) == Target("3.11", "x86_64")
    (tmp_path / ".python-version").write_text("3.10.4\n")
    assert resolve_target(stack, tmp_path, None, None) == Target("3.10", "x86_64")


def test_another_language_is_refused(stack: cdk.Stack, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"Shop: runtime 'nodejs22\.x' must be one of python3\.10"):
        resolve_target(stack, tmp_path, lambda_.Runtime.NODEJS_22_X, None)


@pytest.mark.parametrize("version", RUNTIMES)
def test_cdk_has_a_value_for_every_target(version: str) -> None:
    """The same that an app would name: functions compare runtimes by more than their names."""
    assert cdk_runtime(Target(version, "x86_64")).name == f"python{version}"


@pytest.mark.parametrize(
    "runtime",
    [
        lambda_.Runtime("python3.15", lambda_.RuntimeFamily.PYTHON),
        lambda_.Runtime("python3.15"),
        lambda_.Runtime("python3.15", lambda_.RuntimeFamily.PYTHON, supports_inline_code=True),
    ],
    ids=["family", "bare", "inline"],
)
@pytest.mark.parametrize("given", [True, False], ids=["given", "by the project"])
def test_a_preview_that_cdk_has_no_name_for_fits_a_function(
    stack: cdk.Stack, tmp_path: Path, runtime: lambda_.Runtime, given: bool
) -> None:
    """However the app writes the runtime; the construct has a note on it, and no warning."""
    entry = make_project(tmp_path)
    if not given:
        pyproject = entry / "pyproject.toml"
        pyproject.write_text(pyproject.read_text().replace('">=3.10"', '">=3.15"'))
        lock_text = (entry / "uv.lock").read_text()
        (entry / "uv.lock").write_text(lock_text.replace('">=3.10"', '">=3.15"'))
    deps = PythonLayerArtifact(stack, "Deps", entry=entry, runtime=runtime if given else None)
    code = lambda_.Code.from_asset(str(entry / "src"))
    lambda_.Function(stack, "F", runtime=runtime, handler="a.b", code=code, layers=[deps])
    assert one(template(stack), "Custom::PythonLayerArtifact")["Properties"]["CompatibleRuntimes"] == [
        "python3.15"
    ]
    assert warnings(stack) == []
    [(path, text)] = infos(stack)
    assert path == "/Shop/Deps"
    assert text.startswith("python3.15 was a public preview of Lambda")


def test_a_runtime_that_has_ended_is_a_warning(
    stack: cdk.Stack, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its dates; an app can acknowledge it."""
    monkeypatch.setattr("constructs_lib.core.layer.build_layer.current_day", lambda: date(2026, 11, 28))
    deps = PythonLayerArtifact(stack, "Deps", entry=shop, runtime=lambda_.Runtime.PYTHON_3_10)
    other = PythonLayerArtifact(stack, "Other", entry=shop, runtime=lambda_.Runtime.PYTHON_3_10)
    cdk.Annotations.of(other).acknowledge_warning("constructs-lib:runtime-ending", "moved next month")
    [(path, text)] = warnings(stack)
    assert path == f"/{deps.node.path}"
    assert text.startswith("python3.10 has ended: from 2026-10-31 on Lambda no longer patches it")
