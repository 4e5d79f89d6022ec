"""A layer and its users in different stacks, deployed by the real cdk to an embedded AWS."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.support.aws.deployments import Cli
from tests.support.files.projects import lock, make_project, write_cart

if TYPE_CHECKING:
    from pathlib import Path

    from tools.embedded_aws import EmbeddedAws

pytestmark = pytest.mark.integration

FRIEND = "222222222222"

# MiniStack runs functions with its own Python.
APP = f"""\
import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from constructs_lib import PythonLayerArtifact, PythonSourceArtifact

app = cdk.App()
shop, shelf = cdk.Stack(app, "Shop"), cdk.Stack(app, "Shelf")
runtime = lambda_.Runtime("python{sys.version_info[0]}.{sys.version_info[1]}", lambda_.RuntimeFamily.PYTHON)
deps = PythonLayerArtifact(
    shop, "Deps", entry="shop", runtime=runtime, layer_version_name="deps", ssm_parameter_name="/shop/deps"
)
deps.add_permission("Friend", account_id="{FRIEND}")
code = PythonSourceArtifact(shop, "Code", entry="shop")
lambda_.Function(
    shelf, "F", function_name="shelf", runtime=runtime, handler="shop.handler", code=code.code, layers=[deps]
)
app.synth()
"""


class Shelf:
    """Two stacks: one publishes, the other has the function."""

    def __init__(self, folder: Path, aws: EmbeddedAws) -> None:
        self._folder = folder
        self._aws = aws
        (folder / "app.py").write_text(APP)
        self.project = make_project(folder / "shop")
        self._cli = Cli(folder, aws)

    def deploy(self) -> None:
        # MiniStack's change sets compare two templates by what their references resolve to now, which is the
        # new version in both; AWS does not know the value before it executes the change set.
        app, store = f"{sys.executable} app.py", str(self._folder / "store")
        options = ("--method", "direct", "--require-approval", "never", "--app", app)
        self._cli.run("deploy", "--all", *options, env={"CONSTRUCTS_LIB_STORE": store})

    def close(self) -> None:
        self._cli.close()

    def layer(self) -> str:
        """Return the ARN that the function uses, which must be the parameter's."""
        function = self._aws.client("lambda").get_function_configuration(FunctionName="shelf")
        [layer] = function["Layers"]
        parameter = self._aws.client("ssm").get_parameter(Name="/shop/deps")["Parameter"]
        assert parameter["Value"] == layer["Arn"]
        return str(layer["Arn"])

    def answer(self) -> str:
        response = self._aws.client("lambda").invoke(FunctionName="shelf", Payload="{}")
        return str(response["Payload"].read().decode())

    def friends_of(self, version: int) -> str:
        client = self._aws.client("lambda")
        return str(client.get_layer_version_policy(LayerName="deps", VersionNumber=version)["Policy"])


def test_a_consumer_in_another_stack_follows(tmp_path: Path, aws: EmbeddedAws) -> None:
    """A new version is no export in use: one deployment moves the other stack's function, SSM and permission too."""
    with closing(Shelf(tmp_path, aws)) as shelf:
        shelf.deploy()
        before = shelf.layer()
        assert shelf.answer() == "1"
        write_cart(shelf.project, total=2)
        (shelf.project / "uv.lock").unlink()
        lock(shelf.project)
        shelf.deploy()
        assert shelf.layer() == before.removesuffix("1") + "2"
        assert shelf.answer() == "2"
        assert all(FRIEND in shelf.friends_of(version) for version in (1, 2))
