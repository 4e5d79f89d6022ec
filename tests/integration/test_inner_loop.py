"""The loop of a working day, with the real cdk command line and the commands as people type them."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest

from constructs_lib import PythonLayerArtifact, PythonSourceArtifact
from tests.support.aws.deployments import Account, Cli
from tests.support.aws.shop_stacks import PYTHON, Lab, add_function

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tools.embedded_aws import EmbeddedAws

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, aws: EmbeddedAws) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("loop")
    with closing(Cli(folder, aws)) as cli:
        yield Lab(folder, cli, Account(aws))


def assembly(lab: Lab, name: str, deps: int, code: int) -> Path:
    """Synthesize a stack with a layer of the project `deps`, and a function with the code of the project `code`."""

    def fill(app: cdk.App) -> None:
        stack = cdk.Stack(app, name)
        layer = PythonLayerArtifact(
            stack, "Deps", entry=lab.project(deps), runtime=PYTHON, layer_version_name=name
        )
        source = PythonSourceArtifact(stack, "Code", entry=lab.project(code))
        add_function(stack, source.code, layer)
        cdk.CfnOutput(stack, "LayerArn", value=layer.layer_version_arn)

    return lab.synth(fill)


def test_hotswap_swaps_a_changed_source(lab: Lab) -> None:
    """The function runs the new code, and no deployment of the stack is needed for it."""
    lab.cli.deploy(assembly(lab, "Swapped", 1, 1), "Swapped")
    before, layer = lab.account.code("Swapped"), lab.account.live("Swapped")
    said = lab.cli.run("deploy", "Swapped", "--hotswap", "--app", str(assembly(lab, "Swapped", 1, 2)))
    assert "hotswapped" in said
    assert lab.account.code("Swapped") != before
    assert lab.account.live("Swapped") == layer
    # The next full deployment lays the code out, and agrees with what runs.
    swapped = lab.account.code("Swapped")
    lab.cli.deploy(assembly(lab, "Swapped", 1, 2), "Swapped")
    assert lab.account.code("Swapped") == swapped


def test_a_changed_layer_is_named_as_not_swappable(lab: Lab) -> None:
    """The new code runs with the old layer until the stack is deployed."""
    lab.cli.deploy(assembly(lab, "Layered", 1, 1), "Layered")
    code, layer = lab.account.code("Layered"), lab.account.live("Layered")
    changed = str(assembly(lab, "Layered", 2, 2))
    said = lab.cli.run("deploy", "Layered", "--hotswap", "--app", changed)
    assert "AWS::Lambda::Function, rejected changes: Layers, " in said
    assert lab.account.live("Layered") == layer
    assert lab.account.code("Layered") != code


def test_the_fallback_deploys_a_changed_layer(lab: Lab) -> None:
    """`--hotswap-fallback` asks nothing either: a changed layer changes no right."""
    lab.cli.deploy(assembly(lab, "Fallen", 1, 1), "Fallen")
    code, layer = lab.account.code("Fallen"), lab.account.live("Fallen")
    changed = str(assembly(lab, "Fallen", 2, 2))
    said = lab.cli.run("deploy", "Fallen", "--hotswap-fallback", "--app", changed)
    assert lab.account.live("Fallen") != layer, said
    assert lab.account.code("Fallen") != code
