"""The options that say how a layer's files are packed."""

from __future__ import annotations

import sys
import zipfile
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from constructs_lib import PythonLayerArtifact
from tests.support.files.projects import lock, make_project
from tests.support.files.templates import errors, one, staged, template
from tests.support.files.wheels import Member, make_wheel

if TYPE_CHECKING:
    from pathlib import Path

RUNTIME = lambda_.Runtime(f"python3.{sys.version_info.minor}", lambda_.RuntimeFamily.PYTHON)


@pytest.mark.parametrize(
    ("options", "same_fingerprint"),
    [({"compression": "smallest"}, True), ({"compile_bytecode": True}, False)],
)
def test_the_options_reach_the_build(
    app: cdk.App, tmp_path: Path, options: dict[str, Any], same_fingerprint: bool
) -> None:
    """Bytecode is another layer to the handler; the same files in fewer bytes are not."""
    project = make_project(tmp_path / "shop")
    loose = Member("".join(f"VALUE_{n} = {n * n}\n" for n in range(2000)).encode(), level=1)
    make_wheel(project / "vendor", "cart", files={"cart.py": loose})
    (project / "uv.lock").unlink()
    lock(project)
    given: tuple[dict[str, Any], ...] = ({}, options)
    stacks = [cdk.Stack(app, name) for name in ("Plain", "Other")]
    for stack, each in zip(stacks, given, strict=True):
        PythonLayerArtifact(stack, "Deps", entry=project, runtime=RUNTIME, **each)
    assert [errors(stack) for stack in stacks] == [[], []]
    plain, other = (one(template(stack), "Custom::PythonLayerArtifact")["Properties"] for stack in stacks)
    for properties, each in zip((plain, other), given, strict=True):
        with zipfile.ZipFile(staged(app, properties["AssetKey"])) as archive:
            compiled = any(name.endswith(".pyc") for name in archive.namelist())
        assert compiled == each.get("compile_bytecode", False)
    assert (plain["Fingerprint"] == other["Fingerprint"]) == same_fingerprint
    assert plain["LayerSha256"] != other["LayerSha256"]


def test_a_word_that_is_no_compression_is_an_error_of_its_stack(stack: cdk.Stack, shop: Path) -> None:
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=RUNTIME, compression="best")  # type: ignore[arg-type]
    assert errors(stack) == [("/Shop/Deps", "compression is 'best', it must be standard or smallest")]
