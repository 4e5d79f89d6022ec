"""Stacks around the project `shop`, made here and deployed by the cdk command line."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from constructs_lib import PythonLayerArtifact
from tests.support.aws.deployments import LAYER, Account, Cli
from tests.support.builders.uv import must, uv
from tests.support.files.projects import PYPROJECT, lock, make_project, write_cart
from tests.support.files.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.index.private_index import PrivateIndex

PYTHON = lambda_.Runtime.PYTHON_3_13
INLINE = lambda_.Code.from_inline("def handler(event, context): ...")

PRIVATE_APP = """\
import aws_cdk as cdk
from constructs_lib import PythonLayerArtifact

app = cdk.App()
PythonLayerArtifact(cdk.Stack(app, "Private"), "Deps", entry={entry!r})
app.synth()
"""


@dataclass
class Lab:
    """Where projects and assemblies are made, and what they are deployed with and to."""

    folder: Path
    cli: Cli
    account: Account

    def project(self, total: int, version: str = "1.2.3") -> Path:
        """Make the project `shop`; another total gives another layer and source, another version another lock."""
        root = self.folder / f"shop-{total}-{version}"
        if not root.exists():
            make_project(root, PYPROJECT.replace("1.2.3", version))
            write_cart(root, total)
            (root / "uv.lock").unlink()  # uv would keep the hash of the first wheel
            lock(root)
            (root / "src" / "shop" / "total.py").write_text(f"TOTAL = {total}\n")
        return root

    def synth(self, fill: Callable[[cdk.App], object]) -> Path:
        """Synthesize an app that `fill` has filled; return its assembly."""
        out = self.folder / f"out-{len(list(self.folder.glob('out-*')))}"
        app = cdk.App(outdir=str(out), analytics_reporting=False)
        fill(app)
        return Path(app.synth().directory)


def shop(app: cdk.App, name: str, entry: Path, **options: Any) -> cdk.Stack:
    """Add a stack with a layer, by default of the stack's name, and a function that uses it."""
    stack, broken = cdk.Stack(app, name), options.pop("broken", False)
    given = {"entry": entry, "runtime": PYTHON, "layer_version_name": name, **options}
    deps = PythonLayerArtifact(stack, "Deps", **given)
    add_function(stack, INLINE, deps, broken=broken)
    cdk.CfnOutput(stack, "LayerArn", value=deps.layer_version_arn)
    cdk.CfnOutput(stack, "Bucket", value=deps.bucket.bucket_name)
    return stack


def add_function(stack: cdk.Stack, code: lambda_.Code, *layers: Any, broken: bool = False) -> None:
    """Add a function and, if the stack is to be broken, a last resource whose creation fails after all others."""
    function = lambda_.Function(
        stack, "Function", runtime=PYTHON, handler="index.handler", code=code, layers=list(layers)
    )
    cdk.CfnOutput(stack, "FunctionName", value=function.function_name)
    if broken:
        config = lambda_.CfnEventInvokeConfig(stack, "Broken", function_name="nobody", qualifier="$LATEST")
        config.node.add_dependency(function)


def private_app(folder: Path, index: PrivateIndex) -> tuple[str, dict[str, str]]:
    """Write an app whose layer comes from an index with a password; return its command and environment."""
    env = {"UV_INDEX_VAULT_USERNAME": index.username, "UV_INDEX_VAULT_PASSWORD": index.password}
    entry, program = folder / "private-shop", folder / "app.py"
    entry.mkdir()
    (entry / "pyproject.toml").write_text(index.pyproject())
    make_wheel(index.packages, "cart")
    must(uv("lock", f"--python={sys.executable}", cwd=entry, env=env))
    program.write_text(PRIVATE_APP.format(entry=str(entry)))
    index.reset()
    return f"{sys.executable} {program}", env


def properties(assembly: Path, stack: str) -> dict[str, str]:
    """Return the properties of the stack's layer that the handler gets."""
    document = json.loads((assembly / f"{stack}.template.json").read_text())
    [resource] = (each for each in document["Resources"].values() if each["Type"] == LAYER)
    return dict(resource["Properties"])
