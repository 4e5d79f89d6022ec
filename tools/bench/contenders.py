"""The contenders that build or import one layer, by section.

A new row is one more `Contender`, and a command that makes its layer.
"""

from __future__ import annotations

from dataclasses import replace

from tools.bench import ours, peers, synth
from tools.bench.measure import QUICK_SECONDS
from tools.bench.model import Contender, Section

OURS = "ours, full store"
OURS_ONE_ZIP = "ours, one zip"
OURS_TREE = "ours, tree route"
OURS_SMALLEST = "ours, smallest"
OURS_BYTECODE = "ours, with bytecode"
OURS_EMPTY = "ours, empty store"
BUILDER = f"{peers.UPSTREAM} + zip"
UV_ALONE = "uv pip install"
UV_EMPTY = "uv pip install, empty cache"
UV_AND_ZIP = "uv pip install + zip -9"
PIP_AND_ZIP = "pip install + zip -9"
PEX = "pex3 venv create"
SAM = "sam build"
DOWNLOAD = "bare download"
FLOOR = "the floor"
ALPHA = "aws-lambda-python-alpha"
COMPRESS = "ours"
ZIP = "zip -9"
SOURCES = "without bytecode"
BYTECODE = "with bytecode"

BARE_DOWNLOAD = Contender(
    DOWNLOAD,
    "the same wheels fetched with 8 threads and nothing else",
    ours.bare_download,
    "ours",
    has_second=False,
)

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
            UV_ALONE,
            "`uv pip install --target` alone, which links files out of uv's full cache; makes no zip yet",
            peers.uv_alone,
            "ours",
            ("sh",),
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
            PEX,
            "`pex3 venv create --layout flat-zipped` from a pylock.toml that `uv export` has made; pex's cache full",
            peers.pex,
            "peers-pex.txt",
            ("sh",),
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
            UV_EMPTY,
            "`uv pip install --target` with an empty cache: every wheel is fetched; makes no zip yet",
            peers.uv_empty_cache,
            "ours",
            ("sh",),
            has_second=False,
        ),
        BARE_DOWNLOAD,
        Contender(
            FLOOR,
            "one Python process that hashes the same wheels, joins them into one file and hashes that file",
            ours.floor,
            "ours",
            has_second=False,
        ),
    ),
    OURS,
    zipped=UV_AND_ZIP,
    pictured=(
        *(OURS, UV_ALONE, FLOOR, BUILDER, UV_AND_ZIP, PEX, SAM),
        *(OURS_EMPTY, UV_EMPTY, DOWNLOAD),
    ),
)

_QUICK = (OURS, UV_ALONE, UV_AND_ZIP, OURS_EMPTY, UV_EMPTY, DOWNLOAD)
QUICK_LAYER = replace(
    LAYER,
    contenders=tuple(
        replace(contender, has_second=False) for contender in LAYER.contenders if contender.name in _QUICK
    ),
    max_seconds=QUICK_SECONDS,
)
"""The main table in two minutes, with the same goals: without slow peers and without second runs."""

COMPRESSION = Section(
    "compress",
    "An installed tree becomes layer.zip",
    (
        Contender(COMPRESS, "`create_layer_zip_file`, a process of its own", ours.compress_tree, "ours"),
        Contender(
            ZIP, "`zip -9 -r` of the same tree", peers.zip_tree, "ours", ("zip", "sh"), has_second=False
        ),
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
