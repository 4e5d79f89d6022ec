"""Figures of the three ways to package a function: `python -m tools.ways_to_package` prints the tables of a guide.

`python -m tools.ways_to_package W1` measures one workload. The projects are the workloads of the benchmarks with the modules of
this library's `core/lock` as their code, and nothing is left out of the dependencies. Fetches from the index what the
wheel store lacks.
"""

from __future__ import annotations

import gzip
import io
import os
import platform
import resource
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from constructs_lib.core.archive.extract import extract_all
from constructs_lib.core.function.build_function import build_function
from constructs_lib.core.function.function_options import FunctionOptions
from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.source.build_source import build_source
from constructs_lib.core.target import Target
from tools.bench.model import PYTHON_VERSION, architecture
from tools.bench.ours import MODULES
from tools.bench.workspace import clean_environment, find_interpreter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parents[1]
WORKLOADS = ROOT / "tests" / "data" / "workloads"
RUNS = 7
FUNCTIONS = 10
"""Functions that share one lock file, in the figure about code storage."""
MB = 1_000_000

OPTIONS = FunctionOptions(ignore_package_list=[], exclude=["pyproject.toml", "uv.lock"])
"""All dependencies, and of the project its code alone."""

_BUILD = """\
import sys
from pathlib import Path
from constructs_lib.core import Target, build_function, build_layer
from tools.ways_to_package import OPTIONS
build = {"layer": build_layer, "function": build_function}[sys.argv[1]]
build(sys.argv[2], Path(sys.argv[3]), Target(sys.argv[4], sys.argv[5]), OPTIONS)
"""


@dataclass(frozen=True)
class Sizes:
    """Bytes of one project, packaged in each way."""

    layer: int
    source: int
    function: int
    image_dependencies: int
    image_code: int


@dataclass(frozen=True)
class Seconds:
    """Two medians of CPU time, which other programs of the machine change less than they change wall time."""

    layered: float
    one_zip: float

    @property
    def ratio(self) -> float:
        """How many times the first the second is."""
        return self.one_zip / self.layered


def main(*names: str) -> int:
    """Measure the workloads, all three by default, and print the tables in Markdown."""
    env = clean_environment(os.environ, ROOT, ROOT / "build" / "packaging")
    interpreter = find_interpreter(env)
    target = Target(PYTHON_VERSION, architecture(platform.machine()))
    sizes, builds, imports = {}, {}, {}
    for name in names or ("W1", "W2", "W3"):
        project = make_project(name, ROOT / "build" / "packaging" / name, env, interpreter or sys.executable)
        sizes[name] = measure_sizes(project, target)
        builds[name] = measure_builds(project, target, env)
        if interpreter is not None:
            imports[name] = measure_imports(project, MODULES[name], env, interpreter)
    tables = [
        render_sizes(sizes),
        render_seconds("build", "the layer alone", builds),
        render_seconds("imports", "layer and source", imports),
    ]
    print("\n\n".join(tables))
    return 0


def make_project(name: str, folder: Path, env: Mapping[str, str], python: str) -> Path:
    """Make a locked project with the workload's dependencies and some modules of code."""
    shutil.rmtree(folder, ignore_errors=True)
    project = folder / "project"
    shutil.copytree(ROOT / "constructs_lib" / "core" / "lock", project / "service", ignore=_no_bytecode)
    shutil.copy(WORKLOADS / name / "pyproject.toml", project)
    subprocess.run(["uv", "lock", "--quiet", "--python", python], cwd=project, env=dict(env), check=True)
    return project


def _no_bytecode(folder: str, names: list[str]) -> set[str]:
    del folder
    return {"__pycache__"} & set(names)


def measure_sizes(project: Path, target: Target) -> Sizes:
    """Build layer, source and one zip of the project beside it, and return their sizes."""
    out = project.parent
    layer = build_layer(project, out / "layer.zip", target, OPTIONS)
    source = build_source(project, out / "source.zip", OPTIONS.source)
    function = build_function(project, out / "function.zip", target, OPTIONS)
    return Sizes(
        layer.archive.size,
        source.archive.size,
        function.archive.size,
        len(image_layer(layer.archive.path)),
        len(image_layer(source.archive.path)),
    )


def image_layer(archive: Path) -> bytes:
    """Return the zip's files as a layer of a container image: a tar, compressed as `docker push` does by default."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(archive) as files,
        gzip.GzipFile(fileobj=content, mode="wb", compresslevel=6, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        for member in files.infolist():
            entry = tarfile.TarInfo(member.filename)
            entry.size = member.file_size
            tar.addfile(entry, files.open(member))
    return content.getvalue()


def measure_builds(project: Path, target: Target, env: Mapping[str, str]) -> Seconds:
    """Return the CPU time of a build in a new process, with every wheel in the store."""
    target_arguments = [target.python_version, target.architecture]
    commands = [
        [
            sys.executable,
            "-c",
            _BUILD,
            kind,
            str(project),
            str(project.parent / "timed.zip"),
            *target_arguments,
        ]
        for kind in ("layer", "function")
    ]
    env = {**env, "PYTHONPATH": str(ROOT)}
    return _take_turns(commands, [env, env])


def measure_imports(project: Path, modules: Sequence[str], env: Mapping[str, str], python: str) -> Seconds:
    """Return the CPU time of importing the dependencies as a cold start does: from layer and source, and from one zip."""
    places = {}
    for kind in ("layer", "source", "function"):
        places[kind] = project.parent / kind
        extract_all(project.parent / f"{kind}.zip", places[kind])
    paths = [
        os.pathsep.join([str(places["source"]), str(places["layer"] / "python")]),
        str(places["function"]),
    ]
    command = [python, "-S", "-B", "-c", f"import {', '.join(modules)}"]
    return _take_turns([command, command], [{**env, "PYTHONPATH": path} for path in paths])


def _cpu_time() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _take_turns(commands: Sequence[Sequence[str]], envs: Sequence[Mapping[str, str]]) -> Seconds:
    """Run both commands once untimed, then by turns, so that both meet the same machine."""
    samples: tuple[list[float], list[float]] = ([], [])
    for number in range(RUNS + 1):
        for command, env, times in zip(commands, envs, samples, strict=True):
            start = _cpu_time()
            subprocess.run(command, env=dict(env), check=True)
            if number:
                times.append(_cpu_time() - start)
    return Seconds(*(median(times) for times in samples))


def render_sizes(rows: Mapping[str, Sizes]) -> str:
    """Return the tables of bytes, in MB: what two kinds of change move, and what functions with equal dependencies store."""
    code = {name: (row.source, row.function, row.image_code) for name, row in rows.items()}
    dependencies = {name: (row.layer, row.function, row.image_dependencies) for name, row in rows.items()}
    stored = {
        name: (row.layer + FUNCTIONS * row.source, FUNCTIONS * row.function) for name, row in rows.items()
    }
    ways = ["layer and source", "one zip", "image"]
    tables = [
        _table(["a change of code moves", *ways], code),
        _table(["a change of the lock file moves", *ways], dependencies),
        _table([f"{FUNCTIONS} functions with the same dependencies store", *ways[:2]], stored),
    ]
    return "\n\n".join(tables)


def _table(titles: Sequence[str], rows: Mapping[str, Sequence[int]]) -> str:
    lines = [f"| {' | '.join(titles)} |", f"|---|{'--:|' * (len(titles) - 1)}"]
    lines += [
        f"| {name} | {' | '.join(f'{size / MB:.2f}' for size in sizes)} |" for name, sizes in rows.items()
    ]
    return "\n".join(lines)


def render_seconds(title: str, layered: str, rows: Mapping[str, Seconds]) -> str:
    """Return a table of times; `layered` names what one zip is compared with."""
    lines = [f"| {title} | {layered} | one zip | ratio |", "|---|--:|--:|--:|"]
    lines += [
        f"| {name} | {seconds.layered:.2f} s | {seconds.one_zip:.2f} s | {seconds.ratio:.2f} |"
        for name, seconds in rows.items()
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
