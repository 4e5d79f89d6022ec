"""The sections of the benchmark, in the order of measurement and of the page."""

from __future__ import annotations

from tools.bench.app_contenders import APP, MANY, SYNTH
from tools.bench.contenders import COMPRESSION, IMPORTS, LAYER
from tools.bench.lock_contenders import LARGE, SLOW

SECTIONS = (LAYER, SLOW, LARGE, COMPRESSION, IMPORTS, SYNTH, APP, MANY)
