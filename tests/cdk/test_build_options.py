"""Every choice of the core is an argument of the construct, and reaches the build."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from aws_cdk import aws_lambda as lambda_

from constructs_lib import PythonFunctionArtifact, PythonLayerArtifact
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.function.function_options import FunctionOptions
from constructs_lib.core.index.credentials import Credentials
from constructs_lib.core.layer.layer_options import LayerOptions
from constructs_lib.core.lock.locked import LockOptions

if TYPE_CHECKING:
    from pathlib import Path

    import aws_cdk as cdk

CREDENTIALS = [Credentials("private", "https://index.example/simple", "user", "token")]
ARGUMENTS: dict[str, Any] = {
    "build_tool": "uv",
    "extras": ["e"],
    "groups": ["g"],
    "only_groups": ["o"],
    "allow_extra_index_url": True,
    "ignore_package_list": ["cart"],
    "exclude_files": ["tests/"],
    "container": "image:1",
    "credentials": CREDENTIALS,
    "smoke_test": True,
    "compression": "smallest",
    "compile_bytecode": True,
    "acknowledge": ["musl:demo"],
}
LAYER = LayerOptions(
    LockOptions("uv", ("e",), ("g",), ("o",), allow_extra_index_url=True),
    ignore_package_list=["cart"],
    exclude_files=["tests/"],
    container="image:1",
    credentials=CREDENTIALS,
    smoke_test=True,
    compression="smallest",
    compile_bytecode=True,
    acknowledge=["musl:demo"],
)
FUNCTION = FunctionOptions(
    **{field.name: getattr(LAYER, field.name) for field in fields(LAYER)}, include=["*.py"], exclude=["docs/"]
)


@pytest.mark.parametrize(
    ("construct", "more", "build", "expected"),
    [
        (PythonLayerArtifact, {}, "layer.build_layer.build_layer", LAYER),
        (
            PythonFunctionArtifact,
            {"include": ["*.py"], "exclude": ["docs/"]},
            "function.build_function.build_function",
            FUNCTION,
        ),
    ],
    ids=["layer", "function"],
)
def test_every_choice_reaches_the_build(
    stack: cdk.Stack,
    shop: Path,
    monkeypatch: pytest.MonkeyPatch,
    construct: type[PythonLayerArtifact | PythonFunctionArtifact],
    more: dict[str, Any],
    build: str,
    expected: LayerOptions,
) -> None:
    """None has its default value, so that none can be forgotten."""
    asked: list[LayerOptions] = []

    def stop(_entry: object, _path: object, _target: object, options: LayerOptions, **_: object) -> NoReturn:
        asked.append(options)
        raise ProjectError("stopped", "stopped")

    monkeypatch.setattr(f"constructs_lib.core.{build}", stop)
    construct(stack, "Made", entry=shop, runtime=lambda_.Runtime.PYTHON_3_13, **ARGUMENTS, **more)
    assert asked == [expected]
    default = type(expected)()
    assert all(getattr(expected, field.name) != getattr(default, field.name) for field in fields(expected))
