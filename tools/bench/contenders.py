"""The contenders, by section. A new row is one more `Contender`, and a command that makes its layer."""

from __future__ import annotations

from tools.bench import ours, peers, synth
from tools.bench.model import Contender, Section

OURS = "ours, full store"
OURS_ONE_ZIP = "ours, one zip"
OURS_TREE = "ours, tree route"
OURS_SMALLEST = "ours, smallest"
OURS_BYTECODE = "ours, with bytecode"
OURS_EMPTY = "ours, empty store"
BUILDER = f"{peers.UPSTREAM} + zip"
UV_AND_ZIP = "uv pip install + zip -9"
PIP_AND_ZIP = "pip install + zip -9"
SAM = "sam build"
DOWNLOAD = "bare download"
ALPHA = "aws-lambda-python-alpha"
COMPRESS = "ours"
ZIP = "zip -9"
SOURCES = "without bytecode"
BYTECODE = "with bytecode"
WITHOUT = "no layer"
LOCAL = "LayerVersion, local bundling"

LAYER = Section(
    "layer",
    "A lock file becomes a layer",
    (
        Contender(OURS, "the wheel route; every wheel is in the store", ours.full_store, "ours"),
        Contender(
            OURS_ONE_ZIP,
            "`build_function`: the same wheels and a small project of 40 kB in one zip; every wheel is in the store",
            ours.one_zip,
            "ours",
        ),
        Contender(
            OURS_TREE,
            "`uv pip install --target`, then our `create_layer_zip_file`, which keeps its compressed files; uv's "
            "cache full",
            ours.tree_route,
            "ours",
            ("sh",),
        ),
        Contender(
            OURS_SMALLEST,
            'the wheel route with `compression="smallest"`, which keeps its compressed files',
            ours.smallest,
            "ours",
        ),
        Contender(
            OURS_BYTECODE,
            "the wheel route with `compile_bytecode=True`, which keeps its compiled files",
            ours.with_bytecode,
            "ours",
            needs_interpreter=True,
        ),
        Contender(
            BUILDER,
            "its local builder and its `create_layer_zip_file`, uv's cache full",
            peers.upstream,
            "peers.txt",
            ("zip",),
            needs_interpreter=True,
        ),
        Contender(
            UV_AND_ZIP,
            "`uv pip install --target`, then `zip -9 -r` of that folder; uv's cache full",
            peers.uv_and_zip,
            "ours",
            ("zip", "sh"),
        ),
        Contender(
            PIP_AND_ZIP,
            "`pip install --target --no-compile`, then `zip -9 -r` of that folder",
            peers.pip_and_zip,
            "peers-pip.txt",
            ("zip", "sh"),
            needs_interpreter=True,
        ),
        Contender(
            SAM,
            "`sam build` of a layer, without a container; it makes a folder and no zip yet. Unchanged again: "
            "`sam build --cached`, after a run of the same",
            peers.sam_build,
            "peers-sam.txt",
            ("sh",),
            needs_interpreter=True,
        ),
        Contender(
            ALPHA,
            "an app with nothing but CDK's own `PythonLayerVersion`, which installs in Docker; makes no zip yet",
            synth.app_alpha,
            "peers-cdk.txt",
            ("docker", "node"),
            needs_image=True,
        ),
        Contender(
            OURS_EMPTY,
            "the wheel route with an empty store: every wheel is fetched",
            ours.empty_store,
            "ours",
            has_second=False,
        ),
        Contender(
            DOWNLOAD,
            "the same wheels fetched with 8 threads and nothing else",
            ours.bare_download,
            "ours",
            has_second=False,
        ),
    ),
    OURS,
    zipped=UV_AND_ZIP,
)

COMPRESSION = Section(
    "compress",
    "An installed tree becomes layer.zip",
    (
        Contender(COMPRESS, "`create_layer_zip_file`, a process of its own", ours.compress_tree, "ours"),
        Contender(ZIP, "`zip -9 -r` of the same tree", peers.zip_tree, "ours", ("zip", "sh")),
    ),
    COMPRESS,
    zipped=ZIP,
)

IMPORTS = Section(
    "imports",
    "A new process imports the packages of a layer",
    (
        Contender(
            SOURCES,
            "the layer as it is by default, unpacked",
            ours.import_sources,
            "ours",
            needs_interpreter=True,
            has_second=False,
        ),
        Contender(
            BYTECODE,
            "the layer with `compile_bytecode=True`, unpacked",
            ours.import_bytecode,
            "ours",
            needs_interpreter=True,
            has_second=False,
        ),
    ),
    SOURCES,
    zipped=SOURCES,
)

_WITHOUT = "a stack with one function with its code inline"
_OURS = "the same with `PythonLayerArtifact`; every wheel is in the store"
_LOCAL = (
    "the same with CDK's `LayerVersion` and local bundling by `uv pip install --target`, CDK's own way "
    "without Docker; uv's cache full"
)
_ALPHA = "the same with CDK's own `PythonLayerVersion`, which installs in Docker"
_NODE = ("cdk", "node")

SYNTH = Section(
    "synth",
    "`cdk synth`, with and without a layer",
    (
        Contender(WITHOUT, _WITHOUT, synth.synth_without, "cdk", _NODE),
        Contender(OURS, _OURS, synth.synth_ours, "cdk", _NODE),
        Contender(LOCAL, _LOCAL, synth.synth_local, "cdk", _NODE),
        Contender(ALPHA, _ALPHA, synth.synth_alpha, "peers-cdk.txt", (*_NODE, "docker"), needs_image=True),
    ),
    WITHOUT,
    ("W2",),
    difference=True,
)

APP = Section(
    "app",
    "`python app.py`, with and without a layer",
    (
        Contender(WITHOUT, _WITHOUT, synth.app_without, "cdk", ("node",), has_second=False),
        Contender(OURS, _OURS, synth.app_ours, "cdk", ("node",), has_second=False),
        Contender(LOCAL, _LOCAL, synth.app_local, "cdk", ("node",), has_second=False),
    ),
    WITHOUT,
    ("W2",),
    difference=True,
)

SECTIONS = (LAYER, COMPRESSION, IMPORTS, SYNTH, APP)
