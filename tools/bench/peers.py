"""The tools people use today, each called as its documentation shows it."""

from __future__ import annotations

from pathlib import Path

from tools.bench.model import PYTHON_VERSION, Command, Place, architecture

UPSTREAM = "aws-lbd-art-builder-uv"

# As the two packages' documentation shows it, with the local builder.
_UPSTREAM_INSTALL = """\
import sys
from pathlib import Path
from aws_lbd_art_builder_uv.api import layer_api
builder = layer_api.UvLambdaLayerLocalBuilder(path_pyproject_toml=Path(sys.argv[1]), skip_prompt=True)
builder.run()
"""
_UPSTREAM_ZIP = """\
layer_api.create_layer_zip_file(
    dir_python=builder.path_layout.dir_python,
    path_layer_zip=builder.path_layout.path_build_lambda_layer_zip,
)
"""

# The tree as it was installed, which is what people ship, without what Lambda brings (of that only urllib3 is in
# the workloads). The page names it when a file of ours is not in it.
_UV_INSTALL = """\
set -e
uv pip install --quiet --no-deps --no-build --target python --python "$1" --python-version "$2" \\
  --python-platform "$3" --requirement "$4"
"""
# Without bytecode, which would be compiled in vain: `zip` packs file times that Lambda does not keep.
_PIP_INSTALL = """\
set -e
"$1" -m pip install --quiet --no-deps --only-binary=:all: --no-compile --target python --requirement "$2"
"""
_ZIP = """\
zip -9 -r -q layer.zip python -x 'python/urllib3*'
"""

# `sam build` reads the version of Python from here and looks for it on PATH.
_SAM_TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Layer:
    Type: AWS::Serverless::LayerVersion
    Properties:
      ContentUri: layer
      CompatibleRuntimes: [python{version}]
      CompatibleArchitectures: [{architecture}]
    Metadata:
      BuildMethod: python{version}
      BuildArchitecture: {architecture}
"""


def requirements_folder(place: Place) -> list[str]:
    """A folder `layer` with nothing but requirements.txt, which some tools want."""
    return ["sh", "-c", 'mkdir -p layer && cp "$1" layer/requirements.txt', "sh", str(place.requirements)]


def upstream(place: Place) -> Command:
    """`uv sync`, move, `zip -9`; its copy of an earlier build is removed before, so it need not do that."""
    built = place.project / "build"
    project = str(place.project / "pyproject.toml")
    return Command(
        [place.python, "-c", _UPSTREAM_INSTALL + _UPSTREAM_ZIP, project],
        built / "lambda/layer/layer.zip",
        (built,),
        {"UV_PYTHON": place.interpreter},
        warm_up=[place.python, "-c", _UPSTREAM_INSTALL, project],
    )


def uv_install(place: Place, script: str = "") -> list[str]:
    """`uv pip install --target python`, and what follows it."""
    platform = f"{place.machine}-manylinux_2_34"
    arguments = ["sh", place.python, PYTHON_VERSION, platform, str(place.requirements)]
    return ["sh", "-c", _UV_INSTALL + script, *arguments]


def uv_and_zip(place: Place) -> Command:
    """The two commands that people write by hand."""
    archive, tree = place.project / "layer.zip", place.project / "python"
    return Command(uv_install(place, _ZIP), archive, (archive, tree), warm_up=uv_install(place))


def pip_and_zip(place: Place) -> Command:
    """The same two commands with pip, for the interpreter that runs it."""
    archive, tree = place.project / "layer.zip", place.project / "python"
    arguments = ["sh", place.python, str(place.requirements)]
    return Command(
        ["sh", "-c", _PIP_INSTALL + _ZIP, *arguments],
        archive,
        (archive, tree),
        warm_up=["sh", "-c", _PIP_INSTALL, *arguments],
    )


def zip_tree(place: Place) -> Command:
    """The second half, on a tree that stays as it is."""
    archive = place.project / "layer.zip"
    return Command(["sh", "-c", _ZIP], archive, (archive,), prepare=uv_install(place))


def sam_build(place: Place) -> Command:
    """A layer without a container; the zip would be `sam package`'s work."""
    sam = str(Path(place.python).with_name("sam"))
    cached = [sam, "build", "--cached"]
    template = _SAM_TEMPLATE.format(version=PYTHON_VERSION, architecture=architecture(place.machine))
    own = (
        place.project / "sam"
    )  # without it sam writes to the home folder, and asks PyPI for a newer sam each time
    return Command(
        [sam, "build"],
        None,
        (place.project / ".aws-sam",),
        {"SAM_CLI_TELEMETRY": "0", "__SAM_CLI_APP_DIR": str(own)},
        {"template.yaml": template, "sam/metadata.json": "{}"},
        prepare=requirements_folder(place),
        second=cached,
    )
