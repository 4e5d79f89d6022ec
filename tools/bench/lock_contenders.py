"""The contenders on a slow index and on a large lock file, by section."""

from __future__ import annotations

from tools.bench import ours, peers
from tools.bench.contenders import BARE_DOWNLOAD, DOWNLOAD, OURS, OURS_EMPTY
from tools.bench.model import Contender, Section
from tools.bench.slow_index import RATE, slow_index

UV_PYLOCK = "uv pip install -r pylock.toml"
UV_EXPORT = "uv export + uv pip install"

SLOW = Section(
    "slow",
    f"A slow index: {RATE / 1e6:g} MB/s for each connection",
    (
        Contender(
            OURS_EMPTY,
            "the wheel route from pylock.toml, with an empty store",
            ours.empty_store,
            "ours",
            has_second=False,
        ),
        BARE_DOWNLOAD,
        Contender(
            UV_PYLOCK,
            "`uv pip install --target` with an empty cache; makes no zip yet",
            peers.uv_pylock,
            "ours",
            ("sh",),
            has_second=False,
        ),
    ),
    DOWNLOAD,
    ("W2", "W3"),
    part="slow",
    material=slow_index,
)

LARGE = Section(
    "large",
    "A large lock file becomes a layer",
    (
        Contender(OURS, "the wheel route; every wheel is in the store", ours.full_store, "ours"),
        Contender(
            UV_EXPORT,
            "`uv export`, then `uv pip install --target` of what it wrote; uv's cache full; makes no zip yet",
            peers.uv_export,
            "ours",
            ("sh",),
        ),
    ),
    OURS,
    ("W4",),
)
