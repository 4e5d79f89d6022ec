"""`make bench`: a layer from a lock file, timed against the tools people use today.

`--only W1` (or `synth`) measures a part alone and `--repeat` changes how often; only a whole run writes the page
of the documentation and its plots. A figure that was asked for and missed ends with exit code 1. Everything but
the page stays below `build/bench`.
"""

from __future__ import annotations

import argparse
import datetime as dt
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tools.bench.asked import verdicts
from tools.bench.contenders import SECTIONS
from tools.bench.machine import machine_facts
from tools.bench.measure import LEAST, SPEND, Archive, BenchError, Result, Sample, measure
from tools.bench.page import page
from tools.bench.report import text_tables
from tools.bench.setup import Bench

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.bench.model import Contender, Place, Section

ROOT = Path(__file__).resolve().parents[2]
WORKLOADS = ROOT / "tests/data/workloads"
ROUNDS = 5
PARTS = ("W1", "W2", "W3", "synth")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write the page; the exit code."""
    options = _options(arguments)
    started = time.monotonic()
    bench = Bench(ROOT, ROOT / "build/bench")
    try:
        chosen = [pair for pair in pairs() if part(*pair) in (options.only or PARTS)]
        able = [
            contender
            for section, _ in chosen
            for contender in section.contenders
            if not bench.missing(contender)
        ]
        bench.environments({"ours"} | {contender.packages for contender in able})
        facts = machine_facts(bench.env, ROOT, bench.python("ours"))
        results = [result for pair in chosen for result in run(bench, *pair, options.repeat)]
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    facts = (*facts, bench.pip_cache_fact())
    print("\n".join(["", *text_tables(results), *facts]))
    asked = verdicts(results)
    if not options.only:
        write(ROOT / "docs/benchmarks", results, facts)
    for verdict in asked:
        if not verdict.met:
            print(
                f"bench: missed: {verdict.text}: asked {verdict.asked}, measured {verdict.measured}",
                file=sys.stderr,
            )
    print(f"{time.monotonic() - started:.0f} s in all")
    return 0 if all(verdict.met for verdict in asked) else 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Time a layer's build against other tools.")
    parser.add_argument("--only", action="append", choices=PARTS, help="only this part; may be repeated")
    parser.add_argument("--repeat", type=int, default=ROUNDS, help=f"rounds (default: {ROUNDS})")
    return parser.parse_args(arguments)


def pairs() -> list[tuple[Section, str]]:
    """Each table with each of its workloads, in the order they are measured."""
    return [(section, workload) for section in SECTIONS for workload in section.workloads]


def part(section: Section, workload: str) -> str:
    """What `--only` calls it."""
    return "synth" if section.difference else workload


def write(folder: Path, results: Sequence[Result], facts: Sequence[str]) -> None:
    """The page and its plots."""
    # Not before: a child's peak memory counts from what its parent holds when it starts.
    from tools.bench.plot import plots

    folder.mkdir(exist_ok=True)
    today = dt.datetime.now(dt.timezone.utc).date()
    (folder / "index.md").write_text(page(results, facts, today), encoding="utf-8")
    for name, svg in plots(results).items():
        (folder / name).write_text(svg, encoding="utf-8")
    print(f"Written: {folder.relative_to(ROOT)}")


def run(bench: Bench, section: Section, workload: str, rounds: int) -> list[Result]:
    """All contenders on one workload, interleaved, so that a busy minute hits all of them."""
    notes = {contender.name: bench.missing(contender) for contender in section.contenders}
    able = [contender for contender in section.contenders if not notes[contender.name]]
    print(f"{section.name} {workload}: set-up and warm-up", flush=True)
    folder = WORKLOADS / workload
    locked = bench.lock(folder)
    places = {each.name: bench.project(section, each, folder, locked) for each in able}
    for contender in able:
        _warm_up(bench, contender, places[contender.name])
    first: dict[str, list[Sample]] = {contender.name: [] for contender in section.contenders}
    second: dict[str, list[Sample]] = {contender.name: [] for contender in section.contenders}
    for number in range(1, rounds + 1):
        print(f"{section.name} {workload}: round {number} of {rounds}", flush=True)
        for contender in able:
            place = places[contender.name]
            if is_wanted(first[contender.name], LEAST, SPEND):
                first[contender.name].append(_first(bench, contender, place))
                if contender.has_second and is_wanted(second[contender.name], 1, SPEND / 2):
                    second[contender.name].append(_second(bench, contender, place))
    return [
        Result(
            section.name,
            workload,
            each.name,
            tuple(first[each.name]),
            tuple(second[each.name]),
            _archive(each, places[each.name]) if each in able else None,
            notes[each.name],
        )
        for each in section.contenders
    ]


def is_wanted(samples: Sequence[Sample], least: int, spend: float) -> bool:
    """Whether another run is worth its time."""
    return len(samples) < least or sum(sample.wall for sample in samples) < spend


def _first(bench: Bench, contender: Contender, place: Place) -> Sample:
    command = contender.command(place)
    _clear(command.fresh)
    return _run(bench, contender, place, command.argv)


def _second(bench: Bench, contender: Contender, place: Place) -> Sample:
    command = contender.command(place)
    if command.second:
        _run(bench, contender, place, command.second)
    return _run(bench, contender, place, command.second or command.argv)


def _warm_up(bench: Bench, contender: Contender, place: Place) -> None:
    command = contender.command(place)
    _clear(command.fresh)
    _run(bench, contender, place, command.warm_up or command.argv)


def _clear(paths: Sequence[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)


def _run(bench: Bench, contender: Contender, place: Place, argv: Sequence[str]) -> Sample:
    log = bench.folder / "log" / ("-".join(place.project.relative_to(bench.folder / "work").parts) + ".log")
    env = bench.env_of(place, contender.command(place))
    return measure(argv, cwd=place.project, env=env, log=log)


def _archive(contender: Contender, place: Place) -> Archive | None:
    path = contender.command(place).archive
    return Archive.read(path) if path else None


if __name__ == "__main__":
    raise SystemExit(main())
