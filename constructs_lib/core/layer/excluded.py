"""The files that a build left out of its wheels: for the report, the progress and the fingerprint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.layer.artifact import ExcludedFiles
from constructs_lib.core.progress import readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from constructs_lib.core.layer.assemble import LayerWheel


def excluded_files(wheels: Iterable[LayerWheel]) -> tuple[ExcludedFiles, ...]:
    """Return number and size of the files that each distribution lacks; none for one that has all."""
    return tuple(
        ExcludedFiles(read.wheel.name, len(read.excluded), sum(entry.size for entry in read.excluded))
        for read in wheels
        if read.excluded
    )


def describe_excluded(rows: Sequence[ExcludedFiles]) -> str:
    """Return the sum in words: `1,234 files with 34.5 MB left out`."""
    files = sum(row.files for row in rows)
    return f"{files:,} file{'s' * (files > 1)} with {readable(sum(row.unzipped for row in rows))} left out"


def excluded_paths(wheels: Iterable[LayerWheel], root: str) -> list[tuple[str, list[str]]]:
    """Return what the fingerprint holds: the files, not the patterns, of which some may match nothing."""
    return [
        (read.wheel.name, sorted(entry.name.removeprefix(root) for entry in read.excluded))
        for read in wheels
        if read.excluded
    ]


def wheel_paths(wheels: Iterable[LayerWheel], root: str) -> Iterator[str]:
    """Yield the paths in site-packages of all files of the wheels, also of those that are left out."""
    for read in wheels:
        yield from (entry.name.removeprefix(root) for entry in (*read.entries, *read.excluded))
