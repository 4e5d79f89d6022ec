"""The table, and the promises that it keeps or breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.bench_contenders import BUILDER, OURS, UV_AND_ZIP

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.bench_measure import Archive, Result

PROMISED_WORKLOAD = "W2"
PROMISED_FACTOR = 10

HEAD = (
    "workload",
    "contender",
    "wall s",
    "fastest, slowest",
    "times ours",
    "CPU s",
    "peak MB",
    "archive",
    "of zip -9",
)


def table(results: Sequence[Result]) -> list[tuple[str, ...]]:
    """The rows below `HEAD`, as text."""
    found = {(result.workload, result.contender): result for result in results}
    rows = []
    for result in results:
        ours = found.get((result.workload, OURS))
        zipped = found.get((result.workload, UV_AND_ZIP))
        rows.append(_row(result, ours, zipped))
    return rows


def _row(result: Result, ours: Result | None, zipped: Result | None) -> tuple[str, ...]:
    if not result.samples:
        return (result.workload, result.contender, result.note, *("" for _ in HEAD[3:]))
    low, high = result.spread
    size = result.archive.size if result.archive else 0
    return (
        result.workload,
        result.contender,
        f"{result.wall:.3f}",
        f"{low:.3f}, {high:.3f}",
        f"{result.wall / ours.wall:.1f}" if ours and ours.samples else "",
        f"{result.cpu:.2f}",
        f"{result.peak / 1e6:.0f}",
        f"{size / 1e6:.2f} MB" if size else "",
        f"{size / zipped.archive.size:.4f}" if size and zipped and zipped.archive else "",
    )


def broken_promises(results: Sequence[Result], workload: str = PROMISED_WORKLOAD) -> list[str]:
    """What of the two promises does not hold, one line each; what was not measured does not hold."""
    found = {result.contender: result for result in results if result.workload == workload and result.samples}
    missing = [name for name in (OURS, BUILDER, UV_AND_ZIP) if name not in found]
    if missing:
        return [f"{workload}: no figure for {name}" for name in missing]
    ours, builder, zipped = found[OURS], found[BUILDER], found[UV_AND_ZIP]
    broken = []
    if builder.wall < PROMISED_FACTOR * ours.wall:
        factor = builder.wall / ours.wall
        broken.append(f"{workload}: {factor:.1f} times faster than {BUILDER}, not {PROMISED_FACTOR}")
    return [*broken, *_broken_size(workload, ours.archive, zipped.archive)]


def _broken_size(workload: str, ours: Archive | None, zipped: Archive | None) -> Iterator[str]:
    if ours is None or zipped is None:
        yield f"{workload}: an archive is missing"
        return
    if missing := sorted(ours.files - zipped.files):
        yield f"{workload}: the installed tree lacks files of ours: {', '.join(missing[:3])}"
    if ours.size > zipped.size:
        yield f"{workload}: the archive has {ours.size} bytes, zip -9's has {zipped.size}"


def text_table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """The lines for a terminal; names to the left, figures to the right."""
    measured = [HEAD, *(row for row in rows if row[3])]
    widths = [max(len(row[column]) for row in measured) for column in range(len(HEAD))]
    for row in (HEAD, *rows):
        cells = [
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
