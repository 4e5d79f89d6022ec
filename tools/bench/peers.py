"""The commands of the tools in use today, each called as its documentation shows."""

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

# The tree as it was installed, as most people ship it, without the packages that Lambda brings (only urllib3 of those
# is in the workloads). The page names a file of ours that is not in it.
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
_EXPORT = """\
set -e
uv export --quiet --frozen --no-emit-project --project . --python "$1" --output-file requirements.txt > /dev/null
"""
_PYLOCK = """\
uv export --quiet --frozen --no-emit-project --project . --python "$1" --format pylock.toml \
  --output-file pylock.toml > /dev/null
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
    """Make a folder `layer` with nothing but requirements.txt, as some tools need it."""
    return ["sh", "-c", 'mkdir -p layer && cp "$1" layer/requirements.txt', "sh", str(place.requirements)]


def upstream(place: Place) -> Command:
    """Run `uv sync`, move, `zip -9`; the result of an earlier build is removed before, outside the timing."""
    built = place.project / "build"
    project = str(place.project / "pyproject.toml")
    return Command(
        [place.python, "-c", _UPSTREAM_INSTALL + _UPSTREAM_ZIP, project],
        built / "lambda/layer/layer.zip",
        (built,),
        {"UV_PYTHON": place.interpreter},
        warm_up=[place.python, "-c", _UPSTREAM_INSTALL, project],
    )


def uv_install(place: Place, script: str = "", *, before: str = "", requirements: str = "") -> list[str]:
    """Return `uv pip install --target python`, with a script before and one after it."""
    platform = f"{place.machine}-manylinux_2_34"
    arguments = ["sh", place.python, PYTHON_VERSION, platform, requirements or str(place.requirements)]
    return ["sh", "-c", before + _UV_INSTALL + script, *arguments]


def uv_alone(place: Place) -> Command:
    """Install with uv and make no archive; uv's cache is full."""
    return Command(uv_install(place), None, (place.project / "python",))


def _with_empty_cache(place: Place, argv: list[str]) -> Command:
    cache = place.project / "uv-cache"
    return Command(argv, None, (place.project / "python", cache), {"UV_CACHE_DIR": str(cache)})


def uv_empty_cache(place: Place) -> Command:
    """Install with uv, which fetches every wheel."""
    return _with_empty_cache(place, uv_install(place))


def uv_pylock(place: Place) -> Command:
    """Install with uv from the addresses in pylock.toml, with an empty cache."""
    return _with_empty_cache(place, uv_install(place, requirements="pylock.toml"))


def uv_export(place: Place) -> Command:
    """Export the lock file, then install; uv's cache is full."""
    exported = place.project / "requirements.txt"
    argv = uv_install(place, before=_EXPORT, requirements=exported.name)
    return Command(argv, None, (place.project / "python", exported))


def pex(place: Place) -> Command:
    """Build a layer's zip from pylock.toml, with pex's cache full."""
    built = place.project / "layer"
    archive = built.with_suffix(".zip")
    options = ["--layout", "flat-zipped", "--prefix", "python", "--exclude", "urllib3", "--dir", str(built)]
    return Command(
        [str(Path(place.python).with_name("pex3")), "venv", "create", "--pylock", "pylock.toml", *options],
        archive,
        (archive, built),
        {"PEX_ROOT": str(place.project / "pex-root")},
        prepare=["sh", "-c", _PYLOCK, "sh", place.python],
    )


def uv_and_zip(place: Place) -> Command:
    """Run the two commands that people write by hand."""
    archive, tree = place.project / "layer.zip", place.project / "python"
    return Command(uv_install(place, _ZIP), archive, (archive, tree), warm_up=uv_install(place))


def pip_and_zip(place: Place) -> Command:
    """Run the same two commands with pip, for the interpreter that runs it."""
    archive, tree = place.project / "layer.zip", place.project / "python"
    arguments = ["sh", place.python, str(place.requirements)]
    return Command(
        ["sh", "-c", _PIP_INSTALL + _ZIP, *arguments],
        archive,
        (archive, tree),
        warm_up=["sh", "-c", _PIP_INSTALL, *arguments],
    )


def zip_tree(place: Place) -> Command:
    """Zip a tree that is installed once: the second half."""
    archive = place.project / "layer.zip"
    return Command(["sh", "-c", _ZIP], archive, (archive,), prepare=uv_install(place))


def sam_build(place: Place) -> Command:
    """Build a layer without a container; `sam package` would make the zip."""
    sam = str(Path(place.python).with_name("sam"))
    cached = [sam, "build", "--cached"]
    template = _SAM_TEMPLATE.format(version=PYTHON_VERSION, architecture=architecture(place.machine))
    # Without a folder of its own, sam writes to the home folder and asks PyPI for a newer sam each time.
    app_dir = place.project / "sam"
    return Command(
        [sam, "build"],
        None,
        (place.project / ".aws-sam",),
        {"SAM_CLI_TELEMETRY": "0", "__SAM_CLI_APP_DIR": str(app_dir)},
        {"template.yaml": template, "sam/metadata.json": "{}"},
        prepare=requirements_folder(place),
        second=cached,
    )
