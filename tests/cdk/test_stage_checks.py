"""Findings of functions that use our layers and sources, wherever the functions are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from constructs_lib import PythonLayerArtifact, PythonSourceArtifact
from constructs_lib.core.inspect import function_checks
from tests.support.files.projects import lock, make_project
from tests.support.files.templates import errors, of_type, template, warnings
from tests.support.files.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from constructs import Construct

PYTHON = lambda_.Runtime.PYTHON_3_13
ARM = lambda_.Architecture.ARM_64
X86_64 = "cp310-abi3-manylinux_2_17_x86_64"
INLINE = lambda_.Code.from_inline("def handler(event, context): pass")


def make_locked(root: Path, *wheels: Path) -> Path:
    """Make a project of the wheels, and lock it."""
    names = [wheel.name.partition("-")[0] for wheel in wheels]
    sources = "\n".join(f'{name} = {{ path = "{wheel}" }}' for name, wheel in zip(names, wheels, strict=True))
    (root / "pyproject.toml").write_text(
        f'[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.10"\n'
        f"dependencies = {names!r}\n[tool.uv]\npackage = false\n[tool.uv.sources]\n{sources}\n"
    )
    lock(root)
    return root


@pytest.fixture(scope="module")
def native(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lock one wheel for x86_64 alone."""
    root = tmp_path_factory.mktemp("native")
    return make_locked(root, make_wheel(root, "fast", tag=X86_64))


def make_function(scope: Construct, *layers: lambda_.ILayerVersion, **more: Any) -> lambda_.Function:
    arguments: dict[str, Any] = {"runtime": PYTHON, "handler": "a.b", "code": INLINE, "layers": list(layers)}
    return lambda_.Function(scope, "F", **{**arguments, **more})


def make_l1(scope: Construct, layer: lambda_.ILayerVersion) -> None:
    lambda_.CfnFunction(
        scope,
        "F",
        role="arn:aws:iam::111111111111:role/r",
        runtime="python3.13",
        handler="a.b",
        code=lambda_.CfnFunction.CodeProperty(zip_file="def b(event, context): pass"),
        architectures=["arm64"],
        layers=[layer.layer_version_arn],
    )


def make_singleton(scope: Construct, layer: lambda_.ILayerVersion) -> None:
    lambda_.SingletonFunction(
        scope, "F", uuid="1", runtime=PYTHON, handler="a.b", code=INLINE, layers=[layer], architecture=ARM
    )


def make_current_version(scope: Construct, layer: lambda_.ILayerVersion) -> None:
    function = make_function(scope, layer, architecture=ARM)
    lambda_.Alias(scope, "Live", alias_name="live", version=function.current_version)


def make_added_later(scope: Construct, layer: lambda_.ILayerVersion) -> None:
    make_function(scope, architecture=ARM).add_layers(layer)


def make_by_arn(scope: Construct, layer: lambda_.ILayerVersion) -> None:
    imported = lambda_.LayerVersion.from_layer_version_arn(scope, "Imported", layer.layer_version_arn)
    make_function(scope, imported, architecture=ARM)


def make_nested(scope: Construct, layer: lambda_.ILayerVersion) -> None:
    make_function(cdk.NestedStack(scope, "Nested"), layer, architecture=ARM)


WAYS = [make_l1, make_singleton, make_current_version, make_added_later, make_by_arn, make_nested]


@pytest.mark.parametrize("other_stack", [False, True], ids=["same", "other"])
@pytest.mark.parametrize("make", WAYS, ids=lambda make: make.__name__)
def test_every_function_with_the_layer_is_checked(
    app: cdk.App,
    native: Path,
    make: Callable[[Construct, lambda_.ILayerVersion], None],
    other_stack: bool,
) -> None:
    """By L1 and L2, later added, by ARN, with versions, nested; in the layer's stack and in another one."""
    stack = cdk.Stack(app, "Shop")
    deps = PythonLayerArtifact(stack, "Deps", entry=native, runtime=PYTHON)
    scope = cdk.Stack(app, "Other") if other_stack else stack
    make(scope, deps)
    found = [text for _, text in errors(scope)] or [
        text
        for child in scope.node.find_all()
        if isinstance(child, cdk.NestedStack)
        for _, text in errors(child)
    ]
    text = (
        "the function runs on arm64, and layer Shop/Deps holds native code for x86_64: fast; give both the same "
        "architecture"
    )
    assert found == [text]


def test_a_function_made_before_the_layer_is_checked(stack: cdk.Stack, native: Path) -> None:
    """All functions exist when the checks run."""
    function = make_function(stack, architecture=ARM)
    function.add_layers(PythonLayerArtifact(stack, "Deps", entry=native, runtime=PYTHON))
    assert [path for path, _ in errors(stack)] == ["/Shop/F/Resource"]


def test_a_stage_has_its_own_checks(app: cdk.App, native: Path) -> None:
    """Two stages of one app: each names its own layer."""
    stages = [cdk.Stage(app, name) for name in ("Test", "Prod")]
    stacks = [cdk.Stack(stage, "Shop") for stage in stages]
    for stack in stacks:
        deps = PythonLayerArtifact(stack, "Deps", entry=native, runtime=PYTHON, layer_version_name="deps")
        make_function(stack, deps, architecture=ARM)
    for stack, name in zip(stacks, ("Test", "Prod"), strict=True):
        [(path, text)] = errors(stack)
        assert path == f"/{name}/Shop/F/Resource"
        assert f"layer {name}/Shop/Deps holds" in text


def test_what_fits_has_no_finding(app: cdk.App, stack: cdk.Stack, native: Path, shop: Path) -> None:
    """The layer's own CPU; a layer of pure Python on another one; the template stays as it is."""
    fast = PythonLayerArtifact(stack, "Fast", entry=native, runtime=PYTHON)
    pure = PythonLayerArtifact(stack, "Pure", entry=shop, runtime=PYTHON)
    make_function(stack, fast, pure)
    lambda_.Function(stack, "G", runtime=PYTHON, handler="a.b", code=INLINE, layers=[pure], architecture=ARM)
    assert errors(stack) == []
    assert [text for path, text in warnings(stack) if "function" in text] == []
    assert "ConstructsLibChecks" not in str(template(stack))


def test_an_error_can_be_acknowledged(stack: cdk.Stack, native: Path) -> None:
    """As CDK acknowledges warnings; another function keeps its error."""
    deps = PythonLayerArtifact(stack, "Deps", entry=native, runtime=PYTHON)
    function = make_function(stack, deps, architecture=ARM)
    cdk.Annotations.of(function).acknowledge_warning("constructs-lib:function-cpu", "falls back to Python")
    lambda_.Function(stack, "G", runtime=PYTHON, handler="a.b", code=INLINE, layers=[deps], architecture=ARM)
    assert [path for path, _ in errors(stack)] == ["/Shop/G/Resource"]
    assert [text for _, text in warnings(stack) if "function" in text] == []


@pytest.mark.parametrize("acknowledged", [False, True])
def test_two_errors_of_one_id_are_acknowledged_together(
    stack: cdk.Stack, native: Path, acknowledged: bool
) -> None:
    """CDK knows ids alone: none of the two is lost, and none stays behind as a warning."""
    layers = [
        PythonLayerArtifact(stack, name, entry=native, runtime=PYTHON, layer_version_name=name)
        for name in ("one", "two")
    ]
    function = make_function(stack, *layers, architecture=ARM)
    if acknowledged:
        cdk.Annotations.of(function).acknowledge_warning(
            "constructs-lib:function-cpu", "falls back to Python"
        )
    named = [text for _, text in errors(stack)]
    assert [
        f"layer Shop/{name} holds" in text for name, text in zip(("one", "two"), named, strict=False)
    ] == ([] if acknowledged else [True, True])
    assert [text for _, text in warnings(stack) if "function" in text] == []


def test_another_region_is_an_error(app: cdk.App, shop: Path) -> None:
    """Lambda takes layers of the function's region only."""
    stacks = [
        cdk.Stack(app, name, env=cdk.Environment(account="111111111111", region=region))
        for name, region in (("Shop", "eu-west-1"), ("Other", "eu-central-1"))
    ]
    deps = PythonLayerArtifact(stacks[0], "Deps", entry=shop, runtime=PYTHON)
    make_function(stacks[1], deps)
    [(_, text)] = errors(stacks[1])
    assert text.startswith(
        "the function is in eu-central-1, and layer Shop/Deps in eu-west-1: Lambda takes layers"
    )


def test_another_python_is_an_error_where_cdk_does_not_look(stack: cdk.Stack, shop: Path) -> None:
    """CDK compares runtimes of its `Function` alone."""
    deps = PythonLayerArtifact(stack, "Deps", entry=shop, runtime=lambda_.Runtime.PYTHON_3_12)
    make_l1(stack, deps)
    [(path, text)] = errors(stack)
    assert path == "/Shop/F"
    assert text.startswith("the function runs Python 3.13, and layer Shop/Deps was built for Python 3.12")


def two_layers(tmp_path: Path, stack: cdk.Stack, second: str, *, ignore: Sequence[str] | None) -> None:
    """Make a function with two layers: `one` has demo 1.0, `two` demo of the other version and `rest`."""
    layers = []
    for name, version in (("one", "1.0"), ("two", second)):
        root = tmp_path / name
        root.mkdir()
        wheels = [make_wheel(root, "demo", version=version), make_wheel(root, "rest")]
        made = PythonLayerArtifact(
            stack,
            name,
            entry=make_locked(root, *wheels),
            runtime=PYTHON,
            ignore_package_list=ignore if name == "two" else ["rest"],
        )
        layers.append(made)
    make_function(stack, *layers)


def test_two_versions_in_two_layers_are_a_warning(tmp_path: Path, stack: cdk.Stack) -> None:
    two_layers(tmp_path, stack, "2.0", ignore=[])
    [(path, text)] = [row for row in warnings(stack) if "function" in row[1]]
    assert path == "/Shop/F/Resource"
    assert text.startswith(
        "layer Shop/one and layer Shop/two of the function bring different versions: demo 1.0 and 2.0; Lambda unpacks"
    )
    assert text.endswith("[ack: constructs-lib:function-two-versions]")


def test_equal_versions_in_two_layers_are_fine(tmp_path: Path, stack: cdk.Stack) -> None:
    two_layers(tmp_path, stack, "1.0", ignore=[])
    assert [row for row in warnings(stack) if "function" in row[1]] == []


def test_a_layer_that_replaces_what_another_leaves_to_the_runtime_is_a_warning(
    tmp_path: Path, stack: cdk.Stack
) -> None:
    """Boto3, for instance: one layer brings it, the other was locked with another version of it."""
    two_layers(tmp_path, stack, "2.0", ignore=["demo"])
    [(_, text)] = [row for row in warnings(stack) if "function" in row[1]]
    assert text.startswith(
        "layer Shop/one of the function brings what layer Shop/two leaves out, in another version than the lock file of "
        "layer Shop/two has: demo 1.0 instead of 2.0; both come before the runtime"
    )


@pytest.mark.parametrize("laid_out", [False, True], ids=["staged", "laid out"])
def test_code_and_layers_count_together(
    tmp_path: Path, stack: cdk.Stack, monkeypatch: pytest.MonkeyPatch, laid_out: bool
) -> None:
    """The code is found by its content, where CDK staged it and where it is laid out."""
    entry = make_project(tmp_path)
    deps = PythonLayerArtifact(stack, "Deps", entry=entry, runtime=PYTHON)
    source = PythonSourceArtifact(stack, "Code", entry=entry)
    make_function(stack, deps, code=source.laid_out_code if laid_out else source.code)
    monkeypatch.setattr(function_checks, "UNZIPPED_LIMIT", 0)
    [(path, text)] = errors(stack)
    assert path == "/Shop/F/Resource"
    assert "Shop/Code 0.0 MB, Shop/Deps 0.0 MB; leave out" in text


def test_a_stack_that_is_not_deployed_is_not_checked(tmp_path: Path, native: Path) -> None:
    """Nothing is built for it."""
    app = cdk.App(outdir=str(tmp_path), context={"aws:cdk:bundling-stacks": []})
    stack = cdk.Stack(app, "Shop")
    make_function(stack, PythonLayerArtifact(stack, "Deps", entry=native, runtime=PYTHON), architecture=ARM)
    assert errors(stack) == []
    assert len(of_type(template(stack), "AWS::Lambda::Function")) == 2
