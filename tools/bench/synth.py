"""The commands of `cdk synth` on one small app: without a layer, with ours, and with CDK's own."""

from __future__ import annotations

import shlex
from functools import partial
from string import Template

from tools.bench.model import PYTHON_VERSION, Command, Place, architecture
from tools.bench.peers import requirements_folder

_APP = Template("""\
import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

runtime = lambda_.Runtime.PYTHON_$runtime
architecture = lambda_.Architecture.$architecture
app = cdk.App()
stack = cdk.Stack(app, "Bench")
layers = []
$layer
lambda_.Function(
    stack, "Function", runtime=runtime, architecture=architecture, handler="index.handler", layers=layers,
    code=lambda_.InlineCode("def handler(event, context): pass"),
)
app.synth()
""")

_OURS = """\
from constructs_lib import PythonLayerArtifact
layers.append(PythonLayerArtifact(stack, "Layer", entry=".", runtime=runtime, architecture=architecture))
"""

# https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.ILocalBundling.html
_LOCAL_BUNDLING = """\
import subprocess, sys
import jsii

@jsii.implements(cdk.ILocalBundling)
class Uv:
    def try_bundle(self, output_dir, *args, **options):
        subprocess.run(
            ["uv", "pip", "install", "--quiet", "--no-deps", "--no-build", "--target", f"{output_dir}/python",
             "--python", sys.executable, "--python-version", "$version", "--python-platform", "$platform",
             "--requirement", "layer/requirements.txt"],
            check=True,
        )
        return True

code = lambda_.Code.from_asset(
    "layer", bundling=cdk.BundlingOptions(image=runtime.bundling_image, local=Uv())
)
layers.append(lambda_.LayerVersion(
    stack, "Layer", code=code, compatible_runtimes=[runtime], compatible_architectures=[architecture]
))
"""

_ALPHA = """\
from aws_cdk.aws_lambda_python_alpha import PythonLayerVersion
layers.append(PythonLayerVersion(
    stack, "Layer", entry="layer", compatible_runtimes=[runtime], compatible_architectures=[architecture]
))
"""


def _app(place: Place, layer: str) -> str:
    cpu = architecture(place.machine)
    platform = f"{place.machine}-manylinux_2_34"
    return _APP.substitute(
        runtime=PYTHON_VERSION.replace(".", "_"),
        architecture={"arm64": "ARM_64"}.get(cpu, cpu.upper()),
        layer=Template(layer).substitute(version=PYTHON_VERSION, platform=platform),
    )


def _synth(place: Place, layer: str, *, cli: bool) -> Command:
    out = place.project / "cdk.out"
    app = [place.python, "app.py"]
    options = ["--quiet", "--ci", "--no-notices", "--no-version-reporting", "--output", str(out)]
    return Command(
        ["cdk", "synth", "--app", shlex.join(app), *options] if cli else app,
        None,
        (out,),
        {
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CONSTRUCTS_LIB_STORE": str(place.store / "full"),
            # Without the command line the app would write to a new temporary folder each time.
            **({} if cli else {"CDK_OUTDIR": str(out)}),
        },
        {"app.py": _app(place, layer)},
        prepare=requirements_folder(place),
    )


# `cdk synth`, and the app alone.
synth_without, app_without = partial(_synth, layer="", cli=True), partial(_synth, layer="", cli=False)
synth_ours, app_ours = partial(_synth, layer=_OURS, cli=True), partial(_synth, layer=_OURS, cli=False)
synth_local = partial(_synth, layer=_LOCAL_BUNDLING, cli=True)
app_local = partial(_synth, layer=_LOCAL_BUNDLING, cli=False)
synth_alpha, app_alpha = partial(_synth, layer=_ALPHA, cli=True), partial(_synth, layer=_ALPHA, cli=False)


def app_with(place: Place, layers: str) -> Command:
    """Run the app alone with other layers in its stack."""
    return _synth(place, layers, cli=False)
