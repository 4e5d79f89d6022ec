"""The run: all contenders of a section on one workload, in rounds, and the page of a whole run."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tools.bench.benchmark_page import render_page
from tools.bench.contenders import QUICK_LAYER
from tools.bench.measure import MIN_RUNS, SECOND_SECONDS, Archive, Result, Sample, measure
from tools.bench.sections import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.bench.model import Contender, Place, Section
    from tools.bench.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
WORKLOADS = ROOT / "tests/data/workloads"
PARTS = ("W1", "W2", "W3", "W4", "slow", "synth", "many")


def measured_pairs(*, quick: bool = False) -> list[tuple[Section, str]]:
    """Return each section with each of its workloads, in the order of measurement; `quick`: the main table's."""
    sections = (QUICK_LAYER,) if quick else SECTIONS
    return [(section, workload) for section in sections for workload in section.workloads]


def part(section: Section, workload: str) -> str:
    """Return the name by which `--only` selects a section and workload."""
    return section.part or workload


def write_page(folder: Path, results: Sequence[Result], facts: Sequence[str]) -> None:
    """Write the page and its plots."""
    # Imported now: a child's peak memory counts from the memory that its parent has when it starts.
    from tools.bench.plot import plots

    folder.mkdir(exist_ok=True)
    today = dt.datetime.now(dt.timezone.utc).date()
    (folder / "index.md").write_text(render_page(results, facts, today), encoding="utf-8")
    for name, svg in plots(results).items():
        (folder / name).write_text(svg, encoding="utf-8")
    print(f"Written: {folder.relative_to(ROOT)}")


def run(workspace: Workspace, section: Section, workload: str, rounds: int) -> list[Result]:
    """Measure all contenders of a section on one workload."""
    print(f"{section.name} {workload}: set-up and warm-up", flush=True)
    folder = WORKLOADS / workload
    with section.material(workspace, workspace.lock(folder)) as material:
        return _run(workspace, section, folder, material, rounds)


def _run(workspace: Workspace, section: Section, folder: Path, material: Path, rounds: int) -> list[Result]:
    """Measure all contenders interleaved, so that a busy minute hits all of them."""
    workload = folder.name
    notes = {contender.name: workspace.obstacle(contender) for contender in section.contenders}
    runnable = [contender for contender in section.contenders if not notes[contender.name]]
    places = {
        contender.name: workspace.copy_project(section, contender, folder, material) for contender in runnable
    }
    for contender in runnable:
        _warm_up(workspace, contender, places[contender.name])
    first: dict[str, list[Sample]] = {contender.name: [] for contender in section.contenders}
    second: dict[str, list[Sample]] = {contender.name: [] for contender in section.contenders}
    for number in range(1, rounds + 1):
        print(f"{section.name} {workload}: round {number} of {rounds}", flush=True)
        for contender in runnable:
            place = places[contender.name]
            if needs_sample(first[contender.name], MIN_RUNS, section.max_seconds):
                first[contender.name].append(_first(workspace, contender, place))
                if contender.has_second and needs_sample(second[contender.name], 1, SECOND_SECONDS):
                    second[contender.name].append(_second(workspace, contender, place))
    return [
        Result(
            section.name,
            workload,
            contender.name,
            tuple(first[contender.name]),
            tuple(second[contender.name]),
            _archive(contender, places[contender.name]) if contender in runnable else None,
            notes[contender.name],
        )
        for contender in section.contenders
    ]


def needs_sample(samples: Sequence[Sample], min_runs: int, max_seconds: float) -> bool:
    """Return whether another run is worth its time."""
    return len(samples) < min_runs or sum(sample.wall for sample in samples) < max_seconds


def _first(workspace: Workspace, contender: Contender, place: Place) -> Sample:
    command = contender.command(place)
    _clear(command.fresh)
    return _measure(workspace, contender, place, command.argv)


def _second(workspace: Workspace, contender: Contender, place: Place) -> Sample:
    command = contender.command(place)
    if command.second:
        _measure(workspace, contender, place, command.second)
    return _measure(workspace, contender, place, command.second or command.argv)


def _warm_up(workspace: Workspace, contender: Contender, place: Place) -> None:
    command = contender.command(place)
    _clear(command.fresh)
    _measure(workspace, contender, place, command.warm_up or command.argv)


def _clear(paths: Sequence[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)


def _measure(workspace: Workspace, contender: Contender, place: Place, argv: Sequence[str]) -> Sample:
    name = "-".join(place.project.relative_to(workspace.folder / "work").parts)
    env = workspace.env_of(place, contender.command(place))
    return measure(argv, cwd=place.project, env=env, log=workspace.folder / "log" / f"{name}.log")


def _archive(contender: Contender, place: Place) -> Archive | None:
    path = contender.command(place).archive
    return Archive.read(path) if path else None
