"""The contenders that synthesize an app, by section."""

from __future__ import annotations

from functools import partial

from tools.bench import many_layers, synth
from tools.bench.contenders import ALPHA, OURS
from tools.bench.model import Contender, Section

WITHOUT = "no layer"
LOCAL = "LayerVersion, local bundling"
ONE_LAYER = "ours, 1 layer"
DIFFERENT_LOCKS = f"ours, {many_layers.LAYERS} layers of different locks"
ONE_LOCK = f"ours, {many_layers.LAYERS} layers of one lock"

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
    part="synth",
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
    part="synth",
)

MANY = Section(
    "many",
    f"`python app.py` with {many_layers.LAYERS} layers",
    (
        Contender(
            ONE_LAYER,
            "a stack with one function and a `PythonLayerArtifact`; every wheel is in the store",
            partial(many_layers.app, layers=1, locks=1),
            "cdk",
            ("node",),
            has_second=False,
        ),
        Contender(
            DIFFERENT_LOCKS,
            f"the same with {many_layers.LAYERS} of them, each of a project with a name and a lock file of its own",
            partial(many_layers.app, layers=many_layers.LAYERS, locks=many_layers.LAYERS),
            "cdk",
            ("node",),
            has_second=False,
        ),
        Contender(
            ONE_LOCK,
            f"the same with {many_layers.LAYERS} of them, all of one project",
            partial(many_layers.app, layers=many_layers.LAYERS, locks=1),
            "cdk",
            ("node",),
            has_second=False,
        ),
    ),
    ONE_LAYER,
    ("W1",),
    further=many_layers.LAYERS - 1,
    part="many",
    material=many_layers.many_locks,
)
