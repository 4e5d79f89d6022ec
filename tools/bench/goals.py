"""The goals of speed and size, and the verdict of a run on each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tools.bench.app_contenders import (
    APP,
    DIFFERENT_LOCKS,
    LOCAL,
    MANY,
    ONE_LAYER,
    ONE_LOCK,
    SYNTH,
    WITHOUT,
)
from tools.bench.contenders import (
    BUILDER,
    BYTECODE,
    COMPRESS,
    COMPRESSION,
    DOWNLOAD,
    IMPORTS,
    LAYER,
    OURS,
    OURS_EMPTY,
    OURS_ONE_ZIP,
    OURS_TREE,
    SAM,
    SOURCES,
    UV_ALONE,
    UV_AND_ZIP,
    UV_EMPTY,
    ZIP,
)
from tools.bench.lock_contenders import LARGE, SLOW

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.bench.measure import Result
    from tools.bench.model import Section

FASTER_THAN_BUILDER = {"W1": 5.0, "W2": 25.0, "W3": 60.0}
FASTER_THAN_SAM = {"W1": 20.0, "W2": 30.0, "W3": 25.0}
COMPRESSION_SHARE = {"W1": 0.25, "W2": 0.16, "W3": 0.17}
IMPORT_SHARE = {"W1": 0.5, "W2": 0.4, "W3": 0.24}
IMPORT_ALLOWANCE = 1.1
"""The goal for the time to import is an "about"."""
BYTECODE_SIZE = 1.55
OVER_DOWNLOAD = 1.3
OVER_LAYER = 1.2
"""The time of a function in one zip, as a ratio to that of its layer alone."""
OVER_UV = 2.0
"""uv's install links files out of its cache; ours writes an archive."""
OVER_UV_EMPTY = 1.2
OVER_SLOW_DOWNLOAD = 1.05
PEAK_MEGABYTES = 200
FURTHER_SECONDS = {DIFFERENT_LOCKS: 0.08, ONE_LOCK: 0.04}
"""Seconds of an app for each layer beyond the first."""
SYNTH_SECONDS = 0.4
"""Seconds that a layer of W2 may add to `cdk synth`."""

_NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class Verdict:
    """One goal and whether it was met."""

    text: str
    goal: str
    measured: str
    met: bool

    @property
    def is_measured(self) -> bool:
        """True if its contenders ran."""
        return self.measured != _NOT_MEASURED


class _Figures:
    """The results that ran, by section, workload and contender."""

    def __init__(self, results: Sequence[Result]) -> None:
        self._results = {
            (result.section, result.workload, result.contender): result
            for result in results
            if result.samples
        }
        self._workloads = sorted({(result.section, result.workload) for result in results})

    def workloads(self, section: Section) -> list[str]:
        """Return the workloads of a section that were measured."""
        return [workload for name, workload in self._workloads if name == section.name]

    def pair(self, section: Section, workload: str, name: str, base: str) -> tuple[Result, Result] | None:
        result = self._results.get((section.name, workload, name))
        base_result = self._results.get((section.name, workload, base))
        return (result, base_result) if result and base_result else None

    def ratio(self, section: Section, workload: str, name: str, base: str) -> float | None:
        pair = self.pair(section, workload, name, base)
        return pair[0].wall / pair[1].wall if pair else None

    def difference(self, section: Section, workload: str, name: str, base: str) -> float | None:
        pair = self.pair(section, workload, name, base)
        return pair[0].wall - pair[1].wall if pair else None


def verdicts(results: Sequence[Result]) -> list[Verdict]:
    """Judge all goals of the measured sections; a goal without its figures is missed."""
    figures = _Figures(results)
    groups = (_layer, _slow, _large, _compression, _imports, _synth, _many)
    return [verdict for group in groups for verdict in group(figures)]


def _layer(figures: _Figures) -> Iterator[Verdict]:
    for peer, limits in ((BUILDER, FASTER_THAN_BUILDER), (SAM, FASTER_THAN_SAM)):
        for workload in figures.workloads(LAYER):
            ratio = figures.ratio(LAYER, workload, peer, OURS)
            text = f"{workload}: {OURS}, times faster than {peer}"
            yield _judged(text, ratio, limits[workload], ".1f", at_least=True)
    for name, peer, limit in ((OURS, UV_ALONE, OVER_UV), (OURS_EMPTY, UV_EMPTY, OVER_UV_EMPTY)):
        for workload in figures.workloads(LAYER):
            ratio = figures.ratio(LAYER, workload, name, peer)
            yield _judged(f"{workload}: {name}, times {peer}", ratio, limit, ".2f")
    for workload in figures.workloads(LAYER):
        ratio = figures.ratio(LAYER, workload, OURS_ONE_ZIP, OURS)
        yield _judged(f"{workload}: {OURS_ONE_ZIP}, times {OURS}", ratio, OVER_LAYER, ".2f")
    for name in (OURS, OURS_TREE):
        for workload in figures.workloads(LAYER):
            yield _size(figures.pair(LAYER, workload, name, UV_AND_ZIP), f"{workload}: {name}")
    for workload in figures.workloads(LAYER):
        ratio = figures.ratio(LAYER, workload, OURS_EMPTY, DOWNLOAD)
        yield _judged(f"{workload}: {OURS_EMPTY}, times the {DOWNLOAD}", ratio, OVER_DOWNLOAD, ".2f")


def _size(pair: tuple[Result, Result] | None, name: str) -> Verdict:
    text = f"{name}, size of the archive as a share of that of {UV_AND_ZIP}"
    if pair is None or pair[0].archive is None or pair[1].archive is None:
        return _judged(text, None, 1, ".4f")
    ours, zipped = pair[0].archive, pair[1].archive
    if extra := sorted(ours.files - zipped.files):
        # Archives of different trees cannot be compared.
        reason = f"the installed tree lacks files of ours: {', '.join(extra[:3])}"
        return Verdict(text, "at most 1.0000", reason, met=False)
    return _judged(text, ours.size / zipped.size, 1, ".4f")


def _slow(figures: _Figures) -> Iterator[Verdict]:
    for workload in figures.workloads(SLOW):
        ratio = figures.ratio(SLOW, workload, OURS_EMPTY, DOWNLOAD)
        text = f"{workload}: {OURS_EMPTY}, times the {DOWNLOAD} from a slow index"
        yield _judged(text, ratio, OVER_SLOW_DOWNLOAD, ".2f")


def _large(figures: _Figures) -> Iterator[Verdict]:
    for workload in figures.workloads(LARGE):
        pair = figures.pair(LARGE, workload, OURS, OURS)
        peak = pair[0].peak / 1e6 if pair else None
        yield _judged(f"{workload}: {OURS}, peak memory in MB", peak, PEAK_MEGABYTES, ".0f")


def _compression(figures: _Figures) -> Iterator[Verdict]:
    for workload in figures.workloads(COMPRESSION):
        ratio = figures.ratio(COMPRESSION, workload, COMPRESS, ZIP)
        text = f"{workload}: compressing an installed tree, share of the time of {ZIP}"
        yield _judged(text, ratio, COMPRESSION_SHARE[workload], ".2f")


def _imports(figures: _Figures) -> Iterator[Verdict]:
    for workload in figures.workloads(IMPORTS):
        share, limit = figures.ratio(IMPORTS, workload, BYTECODE, SOURCES), IMPORT_SHARE[workload]
        text = f"{workload}: importing {BYTECODE}, share of the time {SOURCES}"
        met = share is not None and share <= limit * IMPORT_ALLOWANCE
        yield replace(_judged(text, share, limit, ".2f"), goal=f"about {limit:.2f}", met=met)
        pair = figures.pair(IMPORTS, workload, BYTECODE, SOURCES)
        sizes = [result.archive.size for result in pair or () if result.archive]
        ratio = sizes[0] / sizes[1] if len(sizes) == 2 else None
        yield _judged(
            f"{workload}: size of the archive {BYTECODE}, times that {SOURCES}", ratio, BYTECODE_SIZE, ".2f"
        )


def _synth(figures: _Figures) -> Iterator[Verdict]:
    for section, command in ((SYNTH, "`cdk synth`"), (APP, "`python app.py`")):
        for workload in figures.workloads(section):
            peer = figures.difference(section, workload, LOCAL, WITHOUT)
            note = "" if peer is None else f" (with {LOCAL}: {peer:.2f})"
            text = f"{workload}: {command}, seconds more with a layer of ours than without one{note}"
            yield _judged(text, figures.difference(section, workload, OURS, WITHOUT), SYNTH_SECONDS, ".2f")


def _many(figures: _Figures) -> Iterator[Verdict]:
    for workload in figures.workloads(MANY):
        for name, limit in FURTHER_SECONDS.items():
            more = figures.difference(MANY, workload, name, ONE_LAYER)
            text = f"{workload}: {name}, seconds for each beyond the first"
            yield _judged(text, None if more is None else more / MANY.further, limit, ".3f")


def _judged(text: str, measured: float | None, limit: float, form: str, *, at_least: bool = False) -> Verdict:
    goal = f"{'at least' if at_least else 'at most'} {limit:{form}}"
    if measured is None:
        return Verdict(text, goal, _NOT_MEASURED, met=False)
    met = measured >= limit if at_least else measured <= limit
    return Verdict(text, goal, f"{measured:{form}}", met=met)
