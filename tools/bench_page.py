"""`docs/benchmarks.md`: the table, how it came about, and on which machine."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tools.bench_contenders import BUILDER, CONTENDERS, PYTHON_VERSION, UPSTREAM
from tools.bench_report import HEAD, PROMISED_FACTOR, PROMISED_WORKLOAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_PAGE = """\
<!-- Written by `make bench`. -->

# Benchmarks

A lock file becomes a layer.zip: ours against the tools people use today. `make bench` measures on your machine
and writes this page anew. W1 is small (requests, pydantic, python-dateutil), W2 a typical service (FastAPI,
SQLAlchemy, cryptography, ...), W3 data (numpy, pandas, scipy).

{table}

{contenders}

## How it is measured

- Whole processes from start to exit, with the interpreter's start, all imports and `uv`. Wall time is the
  median of the runs ({counts}), `times ours` its ratio to ours with a full store. CPU time (median) counts
  the children too; peak is the resident memory of the largest single process.
- A round runs each contender once, in turn, so a busy minute hits all of them. A first round is not counted:
  it fills caches. What an earlier run built is removed outside the timing.
- Each contender has its own copy of the project; ours and {upstream} have their own environments with
  pinned packages. All use one Python and one uv.
- Every layer is for Python {python} on the machine's own CPU, since the local builder of {upstream}
  knows no other.
- `zip -9` packs the tree as it was installed, with what the installer leaves (`bin`, `RECORD`, ...); what Lambda
  brings is left out, as {upstream} does by its own list. Ours has no such leftovers. Their share aside,
  of exactly the same files `zip -9` makes an archive that is some per mille smaller than ours, since a wheel's
  publisher may have compressed with less effort.

## Promises

Checked in each run; a broken one is exit code 1. For {workload}, ours with a full store is at least {factor} times
faster than {builder}, and its archive is not larger than that of `zip -9`.

{verdict}

## Machine

{machine}
"""


def page(
    rows: Sequence[Sequence[str]], runs: Mapping[str, int], facts: Sequence[str], broken: Sequence[str]
) -> str:
    """The whole page."""
    return _PAGE.format(
        table="\n".join(_markdown(rows)),
        contenders=_list(f"**{contender.name}**: {contender.what}." for contender in CONTENDERS),
        counts=", ".join(f"{workload}: {count}" for workload, count in runs.items()),
        upstream=UPSTREAM,
        python=PYTHON_VERSION,
        workload=PROMISED_WORKLOAD,
        factor=PROMISED_FACTOR,
        builder=BUILDER,
        verdict=_list(f"**Broken**: {line}." for line in broken) or "Both held in this run.",
        machine=_list(facts),
    )


def _markdown(rows: Sequence[Sequence[str]]) -> list[str]:
    sides = ("---" if column < 2 else "--:" for column in range(len(HEAD)))
    return [f"| {' | '.join(row)} |" for row in (HEAD, tuple(sides), *rows)]


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def machine_facts(env: Mapping[str, str], python: str) -> tuple[str, ...]:
    """The machine and the tools, without the machine's name or folders; `python` is what is measured with."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    tools = (_says(env, python, "--version"), _says(env, "uv", "--version"), _zip_version(env))
    load = os.getloadavg()[0]
    return (
        f"{platform.system()} on {platform.machine()}, {cores} cores, {cpu_model()}",
        ", ".join(tools),
        f"load average before the first run: {load:.1f}",
    )


def cpu_model() -> str:
    """As Linux names it, else as Python does."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _zip_version(env: Mapping[str, str]) -> str:
    for line in _says(env, "zip", "-v").splitlines():
        if line.startswith("This is "):
            return "Info-ZIP " + line.removeprefix("This is ").partition(" (")[0]
    return "no zip"


def _says(env: Mapping[str, str], *argv: str) -> str:
    try:
        done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip()
