"""The memory of a process and of those that it started, as Linux tells it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
_GONE = (OSError, ValueError, IndexError)
"""A process that has ended meanwhile, or a system without /proc."""


def memory_of(pid: int) -> int:
    """Return the bytes in memory; 0 for a process that has ended, and on systems without /proc.

    A limit of the address space would be cheaper, but libraries reserve far more of it than they use.
    """
    family = _family(pid)
    if len(family) == 1:
        with suppress(*_GONE):
            return int((_PROC / str(pid) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        return 0
    # Processes share pages: each has its share of them.
    return sum(map(_proportional, family))


def _family(pid: int) -> list[int]:
    """Return the process and all its descendants."""
    family = [pid]
    for member in family:
        with suppress(*_GONE):
            for children in (_PROC / str(member) / "task").glob("*/children"):
                family += map(int, children.read_text().split())
    return family


def _proportional(pid: int) -> int:
    with suppress(*_GONE):
        for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
