"""Bar charts of the tables, as SVG. The same figures give the same bytes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from tools.bench.contenders import BYTECODE
from tools.bench.sections import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from matplotlib.axes import Axes

    from tools.bench.measure import Result
    from tools.bench.model import Section

_OURS, _PEER, _INK = "#1f8a70", "#8f8f8f", "#767676"
"""Colors that can be read on white and on black."""
_FACTOR = 3
"""Ratio of the slowest to the fastest above which the axis is logarithmic."""


def _style() -> AbstractContextManager[None]:
    return mpl.rc_context(
        {
            "svg.hashsalt": "bench",
            "svg.fonttype": "none",
            "font.family": "sans-serif",
            "font.size": 9,
            "text.color": _INK,
            "axes.labelcolor": _INK,
            "axes.edgecolor": _INK,
            "xtick.color": _INK,
            "ytick.color": _INK,
        }
    )


def plots(results: Sequence[Result]) -> dict[str, str]:
    """Return SVGs by file name, one for each section that has figures."""
    svgs = {}
    for section in SECTIONS:
        rows = [
            result
            for result in results
            if result.section == section.name
            and result.samples
            and (not section.pictured or result.contender in section.pictured)
        ]
        if rows:
            svgs[f"{section.name}.svg"] = _svg(section, rows)
    return svgs


def _svg(section: Section, results: Sequence[Result]) -> str:
    workloads = sorted({result.workload for result in results})
    groups = [[result for result in results if result.workload == workload] for workload in workloads]
    with _style():
        heights = [len(group) + 1 for group in groups]
        figure = Figure(figsize=(8, 0.3 * sum(heights) + 0.5), layout="constrained")
        rows = figure.subplots(len(groups), squeeze=False, height_ratios=heights)[:, 0]
        for axes, workload, group in zip(rows, workloads, groups, strict=True):
            _bars(axes, group)
            axes.set_title(workload, loc="left", fontsize=9)
        rows[-1].set_xlabel("seconds, median; the line spans the fastest and the slowest run")
        file = io.StringIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Title": section.title})
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"


def _bars(axes: Axes, group: Sequence[Result]) -> None:
    walls = [result.wall for result in group]
    spans = [
        [result.wall - result.spread[0] for result in group],
        [result.spread[1] - result.wall for result in group],
    ]
    colors = [
        _OURS if result.contender.startswith("ours") or result.contender == BYTECODE else _PEER
        for result in group
    ]
    bars = axes.barh(
        [result.contender for result in group], walls, xerr=spans, color=colors, height=0.7, ecolor=_INK
    )
    axes.bar_label(bars, [f"{wall:.2f}" for wall in walls], padding=4)
    axes.invert_yaxis()
    if max(walls) > _FACTOR * min(walls):
        axes.set_xscale("log")
        axes.set_xlim(min(walls) / 2, max(walls) * 2)
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter("{x:g}")
    else:
        axes.set_xlim(0, max(walls) * 1.2)
    axes.spines[["top", "right"]].set_visible(False)
