"""The tables, for a terminal and for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.bench.sections import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.bench.measure import Result
    from tools.bench.model import Section

_TEXT_COLUMNS = 2


def head(section: Section) -> tuple[str, ...]:
    """Return the names of the columns."""
    compared = f"times {section.baseline}"
    if section.difference:
        compared = "s more"
    elif section.further:
        compared = "s per further layer"
    sizes = ("archive", f"of {section.zipped}") if section.zipped else ()
    times = ("wall s", "fastest, slowest", compared, "unchanged again s", "CPU s", "peak MB")
    return ("workload", "contender", "runs", *times, *sizes)


def table(section: Section, results: Sequence[Result]) -> list[tuple[str, ...]]:
    """Return the rows of a section, as text."""
    rows = [result for result in results if result.section == section.name]
    by_name = {(result.workload, result.contender): result for result in rows}
    return [
        _row(
            section,
            result,
            by_name.get((result.workload, section.baseline)),
            by_name.get((result.workload, section.zipped)),
        )
        for result in rows
    ]


def _row(section: Section, result: Result, baseline: Result | None, zipped: Result | None) -> tuple[str, ...]:
    width = len(head(section))
    if not result.samples:
        return (result.workload, result.contender, result.note, *("" for _ in range(width - 3)))
    low, high = result.spread
    cells = (
        result.workload,
        result.contender,
        str(len(result.samples)),
        f"{result.wall:.3f}",
        f"{low:.3f}, {high:.3f}",
        _compared(section, result, baseline),
        f"{result.again:.3f}" if result.again is not None else "",
        f"{result.cpu:.2f}",
        f"{result.peak / 1e6:.0f}",
        f"{result.archive.size / 1e6:.2f} MB" if result.archive else "",
        f"{result.archive.size / zipped.archive.size:.4f}"
        if result.archive and zipped and zipped.archive
        else "",
    )
    return cells[:width]


def _compared(section: Section, result: Result, baseline: Result | None) -> str:
    if baseline is None or not baseline.samples:
        return ""
    if section.difference:
        return f"{result.wall - baseline.wall:.2f}"
    if section.further:
        is_baseline = result.contender == section.baseline
        return "" if is_baseline else f"{(result.wall - baseline.wall) / section.further:.3f}"
    return f"{result.wall / baseline.wall:.2f}"


def text_tables(results: Sequence[Result]) -> Iterator[str]:
    """Yield the lines for a terminal; names to the left, figures to the right."""
    for section in SECTIONS:
        if rows := table(section, results):
            yield section.title.replace("`", "")
            yield from _aligned(head(section), rows)
            yield ""


def _aligned(first: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    # A note is longer than any figure, and its row has nothing to the right of it.
    measured = [row for row in rows if row[3]]
    widths = [
        max(len(row[column]) for row in (first, *(rows if column < _TEXT_COLUMNS else measured)))
        for column in range(len(first))
    ]
    for row in (first, *rows):
        cells = [
            cell.ljust(width) if column < _TEXT_COLUMNS else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def markdown(first: Sequence[str], rows: Sequence[Sequence[str]], text_columns: int = _TEXT_COLUMNS) -> str:
    """Return a table in Markdown."""
    sides = ("---" if column < text_columns else "--:" for column in range(len(first)))
    return "\n".join(f"| {' | '.join(row)} |" for row in (first, tuple(sides), *rows))
