"""A function's own code and its dependencies in one zip."""

from __future__ import annotations

import hashlib
import zipfile
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from constructs_lib import PythonFunctionArtifact, PythonLayerArtifact
from constructs_lib.cdk.publisher import Publisher
from tests.cdk.test_stage_checks import X86_64, make_locked
from tests.support.files.projects import PYPROJECT, lock, make_project
from tests.support.files.templates import actions, errors, infos, one, staged, template, warnings
from tests.support.files.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

FUNCTION = "Custom::PythonFunctionArtifact"
PYTHON = lambda_.Runtime.PYTHON_3_13


def use(scope: cdk.Stack, artifact: PythonFunctionArtifact, **more: Any) -> lambda_.Function:
    arguments: dict[str, Any] = {
        "runtime": artifact.runtime,
        "architecture": artifact.architecture,
        "handler": "shop.handler",
        "code": artifact.code,
    }
    return lambda_.Function(scope, "F", **{**arguments, **more})


def test_zip_lock_file_and_sbom_are_staged(app: cdk.App, stack: cdk.Stack, shop: Path) -> None:
    """Each with the hash that the template names."""
    artifact = PythonFunctionArtifact(stack, "Fn", entry=shop, runtime=PYTHON)
    properties = one(template(stack), FUNCTION)["Properties"]
    for key, sha256 in (
        ("AssetKey", "FunctionSha256"),
        ("ManifestAssetKey", "ManifestSha256"),
        ("SbomAssetKey", "SbomSha256"),
    ):
        content = staged(app, properties[key]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == properties[sha256]
    assert (properties["FunctionVersion"], properties["ManifestName"]) == ("1.2.3", "uv.lock")
    assert (artifact.function_version, artifact.function_sha256) == ("1.2.3", properties["FunctionSha256"])
    with zipfile.ZipFile(staged(app, properties["AssetKey"])) as archive:
        assert {"shop/__init__.py", "cart.py"} <= set(archive.namelist())


def test_runtime_and_architecture_are_for_the_function(stack: cdk.Stack, shop: Path) -> None:
    """By default what the project allows, on x86_64; CDK compares runtimes by more than their names."""
    artifact = PythonFunctionArtifact(stack, "Fn", entry=shop, architecture=lambda_.Architecture.ARM_64)
    use(stack, artifact)
    function = next(
        each["Properties"]
        for each in template(stack)["Resources"].values()
        if each["Type"] == "AWS::Lambda::Function" and each["Properties"]["Handler"] == "shop.handler"
    )
    assert (function["Runtime"], function["Architectures"]) == ("python3.14", ["arm64"])
    assert errors(stack) == []


def test_it_needs_no_layer_permissions(stack: cdk.Stack, shop: Path) -> None:
    PythonFunctionArtifact(stack, "Fn", entry=shop, runtime=PYTHON)
    assert not any(action.startswith("lambda:") for action in actions(template(stack)))


def test_groups_and_extras_are_per_function(app: cdk.App, stack: cdk.Stack, tmp_path: Path) -> None:
    """One project and one lock file, two functions with different dependencies."""
    root = tmp_path / "shop"
    root.mkdir()
    for name in ("orders", "mail"):
        make_wheel(root / "vendor", name)
    sources = "".join(f'{n} = {{ path = "vendor/{n}-1.0-py3-none-any.whl" }}\n' for n in ("orders", "mail"))
    (root / "pyproject.toml").write_text(
        '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ["orders"]\n'
        f'[dependency-groups]\nmail = ["mail"]\n[tool.uv.sources]\n{sources}'
    )
    (root / "app.py").write_text("")
    lock(root)
    one_, two = (
        PythonFunctionArtifact(
            stack, name, entry=root, runtime=PYTHON, exclude=["vendor/"], only_groups=groups
        )
        for name, groups in (("Orders", []), ("Mail", ["mail"]))
    )
    names = []
    for artifact in (one_, two):
        document = template(stack)["Resources"].values()
        [key] = [
            each["Properties"]["AssetKey"]
            for each in document
            if each["Type"] == FUNCTION and each["Properties"]["FunctionSha256"] == artifact.function_sha256
        ]
        with zipfile.ZipFile(staged(app, key)) as archive:
            names.append({name for name in archive.namelist() if name in ("orders.py", "mail.py", "app.py")})
    assert names == [{"app.py", "orders.py"}, {"app.py", "mail.py"}]


def test_a_failed_build_is_one_line_at_the_construct(stack: cdk.Stack, tmp_path: Path) -> None:
    root = make_project(tmp_path / "unlocked")
    (root / "uv.lock").unlink()
    PythonFunctionArtifact(stack, "Fn", entry=root, runtime=PYTHON)
    [(path, text)] = errors(stack)
    assert path == "/Shop/Fn"
    assert "uv.lock" in text
    assert "\n" not in text


def test_the_report_is_written(stack: cdk.Stack, shop: Path, tmp_path: Path) -> None:
    page = tmp_path / "function.html"
    PythonFunctionArtifact(stack, "Fn", entry=shop, runtime=PYTHON, report=page)
    assert "cart" in page.read_text()


def test_the_function_must_be_of_the_zips_cpu_and_python(stack: cdk.Stack, tmp_path: Path) -> None:
    """The zip has native code for x86_64 and Python 3.13."""
    native = make_locked(tmp_path, make_wheel(tmp_path, "fast", tag=X86_64))
    artifact = PythonFunctionArtifact(stack, "Fn", entry=native, runtime=PYTHON)
    use(stack, artifact, architecture=lambda_.Architecture.ARM_64, runtime=lambda_.Runtime.PYTHON_3_12)
    cpu, python = (text for _, text in errors(stack))
    assert cpu == (
        "the function runs on arm64, and code Shop/Fn holds native code for x86_64: fast; give both the same architecture"
    )
    assert python == (
        "the function runs Python 3.12, and code Shop/Fn was built for Python 3.13; give both the same runtime"
    )


def test_a_layer_with_another_version_is_a_warning(stack: cdk.Stack, tmp_path: Path) -> None:
    for folder, version in (("one", "1.0"), ("two", "2.0")):
        root = tmp_path / folder
        root.mkdir()
        make_locked(root, make_wheel(root, "demo", version))
    artifact = PythonFunctionArtifact(stack, "Fn", entry=tmp_path / "one", runtime=PYTHON)
    deps = PythonLayerArtifact(stack, "Deps", entry=tmp_path / "two", runtime=PYTHON)
    use(stack, artifact, layers=[deps])
    [(_, text)] = [row for row in warnings(stack) if "function" in row[1]]
    assert text.startswith(
        "layer Shop/Deps and code Shop/Fn of the function bring different versions: demo 2.0 and 1.0; the code's comes "
        "before the layer's on sys.path: lock one version"
    )


def test_the_output_of_cdk_is_no_file_of_the_project(tmp_path: Path) -> None:
    """Whatever its name is: neither the first function's zip in the second one's, nor the last synth's in the next."""
    root = make_project(tmp_path / "shop", PYPROJECT.replace("[build-system]", "[tool.unused]"))

    def synth() -> list[str]:
        app = cdk.App(outdir=str(root / "infra" / "assembly"))
        stack = cdk.Stack(app, "Shop")
        names = ("One", "Two")
        made = [PythonFunctionArtifact(stack, name, entry=root, runtime=PYTHON) for name in names]
        app.synth()
        return [artifact.function_sha256 for artifact in made]

    first = synth()
    assert len(set(first)) == 1
    assert synth() == first


def test_one_publisher_serves_all_kinds(stack: cdk.Stack, shop: Path) -> None:
    artifact = PythonFunctionArtifact(stack, "Fn", entry=shop, runtime=PYTHON)
    layer = PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON)
    assert artifact.publisher is layer.publisher is Publisher.of(stack)
    assert infos(stack) == []
