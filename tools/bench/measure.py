"""The measurement of one process with its children: wall time, CPU time and peak memory."""

from __future__ import annotations

import os
import subprocess
import time
import zipfile
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MIN_RUNS = 2
QUICK_SECONDS = 10.0
"""Seconds after which a contender runs no more rounds with `--quick`: `zip -9` takes about 17 for W3."""
SECOND_SECONDS = 15.0
"""The same of second runs, in any case: for slow peers they differ little from the first."""


class BenchError(Exception):
    """The measurement cannot go on; the text is one line."""


@dataclass(frozen=True)
class Sample:
    """The cost of one run."""

    wall: float
    cpu: float
    """Seconds of user and system time of the process and its children."""
    peak: int
    """Bytes of resident memory of the largest single process."""


@dataclass(frozen=True)
class Archive:
    """The archive that a run has written."""

    size: int
    files: frozenset[str]

    @classmethod
    def read(cls, path: Path) -> Archive:
        with zipfile.ZipFile(path) as archive:
            return cls(path.stat().st_size, frozenset(name for name in archive.namelist() if name[-1] != "/"))


@dataclass(frozen=True)
class Result:
    """All runs of one contender on one workload; without runs, `note` is the reason."""

    section: str
    workload: str
    contender: str
    samples: tuple[Sample, ...] = ()
    second: tuple[Sample, ...] = ()
    """Runs right after one of `samples`, with nothing changed and nothing removed."""
    archive: Archive | None = None
    note: str = ""

    @property
    def wall(self) -> float:
        """The median of wall time."""
        return median(sample.wall for sample in self.samples)

    @property
    def again(self) -> float | None:
        """The median of the second runs."""
        return median(sample.wall for sample in self.second) if self.second else None

    @property
    def cpu(self) -> float:
        """The median of CPU time."""
        return median(sample.cpu for sample in self.samples)

    @property
    def peak(self) -> int:
        """The largest peak memory of all runs."""
        return max(sample.peak for sample in self.samples)

    @property
    def spread(self) -> tuple[float, float]:
        """The fastest and the slowest run."""
        walls = [sample.wall for sample in self.samples]
        return min(walls), max(walls)


def measure(argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path) -> Sample:
    """Run a program to its end; its output goes to `log`."""
    with log.open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            argv, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
    # `wait4` has taken the exit status, so Popen must not look for it.
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise BenchError(f"{argv[0]} ended with exit code {process.returncode}; look at {log}")
    kilobyte = 1 if os.uname().sysname == "Darwin" else 1024  # Linux counts kilobytes, macOS bytes
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * kilobyte)
