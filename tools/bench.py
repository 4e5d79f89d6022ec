"""`make bench`: a layer from a lock file, timed against the tools people use today.

`--workload W1` measures one workload alone and `--runs` changes how often; only a whole run writes the page
of the documentation. A broken promise ends with exit code 1. Everything stays below `build/bench`.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tools.bench_contenders import CONTENDERS
from tools.bench_measure import Archive, BenchError, Result, Sample, measure
from tools.bench_page import machine_facts, page
from tools.bench_report import PROMISED_WORKLOAD, broken_promises, table, text_table
from tools.bench_setup import Bench

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.bench_contenders import Contender, Place

ROOT = Path(__file__).resolve().parent.parent
WORKLOADS = ROOT / "tests/data/workloads"
RUNS = {"W1": 5, "W2": 5, "W3": 3}
"""`zip -9` takes about 17 seconds for W3, twice in each round."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write the page; the exit code."""
    options = _options(arguments)
    started = time.monotonic()
    runs = {workload: options.runs or RUNS[workload] for workload in options.workload or RUNS}
    bench = Bench(ROOT, ROOT / "build/bench")
    try:
        bench.environments()
        facts = machine_facts(bench.env, bench.python("ours"))
        results = [
            result for workload, count in runs.items() for result in run(bench, WORKLOADS / workload, count)
        ]
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    rows = table(results)
    print("\n" + "\n".join([*text_table(rows), "", *facts]))
    broken = broken_promises(results) if PROMISED_WORKLOAD in runs else []
    if list(runs.items()) == list(RUNS.items()):
        (ROOT / "docs/benchmarks.md").write_text(page(rows, runs, facts, broken), encoding="utf-8")
        print("Written: docs/benchmarks.md")
    for line in broken:
        print(f"bench: broken promise: {line}", file=sys.stderr)
    print(f"{time.monotonic() - started:.0f} s in all")
    return 1 if broken else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Time a layer's build against other tools.")
    parser.add_argument("--runs", type=int, help="runs of each contender on each workload")
    parser.add_argument("--workload", action="append", choices=sorted(RUNS), help="only this one")
    return parser.parse_args(arguments)


def run(bench: Bench, workload: Path, count: int) -> list[Result]:
    """All contenders on one workload, interleaved, so that a busy minute hits all of them."""
    if not workload.is_dir():
        raise BenchError(f"the workload {workload.relative_to(ROOT)} is missing")
    notes = {contender.name: bench.missing(contender) for contender in CONTENDERS}
    able = [contender for contender in CONTENDERS if not notes[contender.name]]
    print(f"{workload.name}: set-up and warm-up", flush=True)
    locked = bench.lock(workload)
    places = {contender.name: bench.project(contender, workload, locked) for contender in able}
    for contender in able:
        _once(bench, contender, places[contender.name], warm_up=True)
    samples: dict[str, list[Sample]] = {contender.name: [] for contender in able}
    for number in range(1, count + 1):
        print(f"{workload.name}: round {number} of {count}", flush=True)
        for contender in able:
            samples[contender.name].append(_once(bench, contender, places[contender.name]))
    return [
        Result(
            workload.name,
            contender.name,
            tuple(samples.get(contender.name, ())),
            _archive(contender, places[contender.name]) if contender in able else None,
            notes[contender.name],
        )
        for contender in CONTENDERS
    ]


def _once(bench: Bench, contender: Contender, place: Place, *, warm_up: bool = False) -> Sample:
    command = contender.command(place)
    for path in command.fresh:
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
    log = bench.folder / "log" / f"{place.project.parent.name}-{place.project.name}.log"
    argv = command.warm_up if warm_up and command.warm_up else command.argv
    return measure(argv, cwd=place.project, env=bench.env | command.env, log=log)


def _archive(contender: Contender, place: Place) -> Archive | None:
    path = contender.command(place).archive
    return Archive.read(path) if path else None


if __name__ == "__main__":
    raise SystemExit(main())
