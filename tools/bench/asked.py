"""The figures that were asked for, and whether a run has met them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tools.bench.contenders import (
    APP,
    BUILDER,
    BYTECODE,
    COMPRESS,
    COMPRESSION,
    DOWNLOAD,
    IMPORTS,
    LAYER,
    LOCAL,
    OURS,
    OURS_EMPTY,
    OURS_TREE,
    SAM,
    SOURCES,
    SYNTH,
    UV_AND_ZIP,
    WITHOUT,
    ZIP,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.bench.measure import Result
    from tools.bench.model import Section

FASTER_THAN_BUILDER = {"W1": 5.0, "W2": 25.0, "W3": 60.0}
FASTER_THAN_SAM = {"W1": 20.0, "W2": 30.0, "W3": 25.0}
COMPRESSION_SHARE = {"W1": 0.25, "W2": 0.16, "W3": 0.17}
IMPORT_SHARE = {"W1": 0.5, "W2": 0.4, "W3": 0.24}
IMPORT_ALLOWANCE = 1.1
"""Of the time to import, "about" was asked for."""
BYTECODE_SIZE = 1.55
OVER_DOWNLOAD = 1.3
SYNTH_SECONDS = 0.4
"""What a layer of W2 may add to `cdk synth`."""


@dataclass(frozen=True)
class Verdict:
    """One figure that was asked for."""

    text: str
    asked: str
    measured: str
    met: bool


class _Figures:
    """Results by where they stand; only those that ran."""

    def __init__(self, results: Sequence[Result]) -> None:
        self._found = {
            (each.section, each.workload, each.contender): each for each in results if each.samples
        }
        self.workloads = sorted({(each.section, each.workload) for each in results})

    def of(self, section: Section) -> list[str]:
        """The workloads of a section that were measured."""
        return [workload for name, workload in self.workloads if name == section.name]

    def pair(self, section: Section, workload: str, one: str, other: str) -> tuple[Result, Result] | None:
        first = self._found.get((section.name, workload, one))
        second = self._found.get((section.name, workload, other))
        return (first, second) if first and second else None

    def ratio(self, section: Section, workload: str, over: str, under: str) -> float | None:
        pair = self.pair(section, workload, over, under)
        return pair[0].wall / pair[1].wall if pair else None

    def more(self, section: Section, workload: str, name: str, base: str) -> float | None:
        pair = self.pair(section, workload, name, base)
        return pair[0].wall - pair[1].wall if pair else None


def verdicts(results: Sequence[Result]) -> list[Verdict]:
    """All that can be said of what was measured; what was to be measured and was not is missed."""
    figures = _Figures(results)
    return [*_layer(figures), *_compression(figures), *_imports(figures), *_synth(figures)]


def _layer(figures: _Figures) -> Iterator[Verdict]:
    for peer, limits in ((BUILDER, FASTER_THAN_BUILDER), (SAM, FASTER_THAN_SAM)):
        for workload in figures.of(LAYER):
            ratio = figures.ratio(LAYER, workload, peer, OURS)
            text = f"{workload}: {OURS}, times faster than {peer}"
            yield _judged(text, ratio, limits[workload], ".1f", at_least=True)
    for name in (OURS, OURS_TREE):
        for workload in figures.of(LAYER):
            yield _size(figures.pair(LAYER, workload, name, UV_AND_ZIP), f"{workload}: {name}")
    for workload in figures.of(LAYER):
        ratio = figures.ratio(LAYER, workload, OURS_EMPTY, DOWNLOAD)
        yield _judged(f"{workload}: {OURS_EMPTY}, times the {DOWNLOAD}", ratio, OVER_DOWNLOAD, ".2f")


def _size(pair: tuple[Result, Result] | None, name: str) -> Verdict:
    text = f"{name}, size of the archive as a share of that of {UV_AND_ZIP}"
    if pair is None or pair[0].archive is None or pair[1].archive is None:
        return _judged(text, None, 1, ".4f")
    ours, zipped = pair[0].archive, pair[1].archive
    if more := sorted(ours.files - zipped.files):
        # Archives of different trees cannot be compared.
        why = f"the installed tree lacks files of ours: {', '.join(more[:3])}"
        return Verdict(text, "at most 1.0000", why, met=False)
    return _judged(text, ours.size / zipped.size, 1, ".4f")


def _compression(figures: _Figures) -> Iterator[Verdict]:
    for workload in figures.of(COMPRESSION):
        ratio = figures.ratio(COMPRESSION, workload, COMPRESS, ZIP)
        text = f"{workload}: compressing an installed tree, share of the time of {ZIP}"
        yield _judged(text, ratio, COMPRESSION_SHARE[workload], ".2f")


def _imports(figures: _Figures) -> Iterator[Verdict]:
    for workload in figures.of(IMPORTS):
        share, limit = figures.ratio(IMPORTS, workload, BYTECODE, SOURCES), IMPORT_SHARE[workload]
        text = f"{workload}: importing {BYTECODE}, share of the time {SOURCES}"
        met = share is not None and share <= limit * IMPORT_ALLOWANCE
        yield replace(_judged(text, share, limit, ".2f"), asked=f"about {limit:.2f}", met=met)
        pair = figures.pair(IMPORTS, workload, BYTECODE, SOURCES)
        sizes = [each.archive.size for each in pair or () if each.archive]
        ratio = sizes[0] / sizes[1] if len(sizes) == 2 else None
        yield _judged(
            f"{workload}: size of the archive {BYTECODE}, times that {SOURCES}", ratio, BYTECODE_SIZE, ".2f"
        )


def _synth(figures: _Figures) -> Iterator[Verdict]:
    for section, what in ((SYNTH, "`cdk synth`"), (APP, "`python app.py`")):
        for workload in figures.of(section):
            peer = figures.more(section, workload, LOCAL, WITHOUT)
            note = "" if peer is None else f" (with {LOCAL}: {peer:.2f})"
            text = f"{workload}: {what}, seconds more with a layer of ours than without one{note}"
            yield _judged(text, figures.more(section, workload, OURS, WITHOUT), SYNTH_SECONDS, ".2f")


def _judged(text: str, measured: float | None, limit: float, form: str, *, at_least: bool = False) -> Verdict:
    asked = f"{'at least' if at_least else 'at most'} {limit:{form}}"
    if measured is None:
        return Verdict(text, asked, "not measured", met=False)
    return Verdict(
        text, asked, f"{measured:{form}}", met=measured >= limit if at_least else measured <= limit
    )
