"""Figures of the three ways to package a function: `python -m tools.packaging` prints the tables of a guide.

`python -m tools.packaging W1` measures one workload. The projects are the workloads of the benchmarks with the modules of
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
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from constructs_lib.core.function.build_function import build_function
from constructs_lib.core.function.function_options import FunctionOptions
from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.source.build_source import build_source
from constructs_lib.core.target import Target
from tools.bench.model import PYTHON_VERSION, architecture
from tools.bench.ours import MODULES
from tools.bench.workspace import clean_environment, find_interpreter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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
from tools.packaging import OPTIONS
build = {"layer": build_layer, "function": build_function}[sys.argv[1]]
build(sys.argv[2], Path(sys.argv[3]), Target(sys.argv[4], sys.argv[5]), OPTIONS)
"""


@dataclass(frozen=True)
class Sizes:
    """Bytes of one project, packaged in each way."""

    layer: int
    source: int
    function: int
    unzipped: int
    image_dependencies: int
    image_code: int


@dataclass(frozen=True)
class Seconds:
    """Two medians of runs that took turns."""

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
    tables = [render_sizes(sizes), render_seconds("Build", builds), render_seconds("Imports", imports)]
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
        function.archive.unzipped,
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
    """Return the wall time of a build in a new process, with every wheel in the store."""
    target_arguments = [target.python_version, target.architecture]
    commands = [
        [sys.executable, "-c", _BUILD, kind, str(project), str(project.parent / "timed.zip"), *target_arguments]
        for kind in ("layer", "function")
    ]
    env = {**env, "PYTHONPATH": str(ROOT)}
    return _take_turns(commands, [env, env], time.perf_counter)


def measure_imports(project: Path, modules: Sequence[str], env: Mapping[str, str], python: str) -> Seconds:
    """Return the CPU time of importing the dependencies as a cold start does: from layer and source, and from one zip."""
    places = {}
    for kind in ("layer", "source", "function"):
        places[kind] = project.parent / kind
        with zipfile.ZipFile(project.parent / f"{kind}.zip") as archive:
            archive.extractall(places[kind])
    paths = [
        os.pathsep.join([str(places["source"]), str(places["layer"] / "python")]),
        str(places["function"]),
    ]
    command = [python, "-S", "-B", "-c", f"import {', '.join(modules)}"]
    return _take_turns([command, command], [{**env, "PYTHONPATH": path} for path in paths], _cpu_time)


def _cpu_time() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _take_turns(
    commands: Sequence[Sequence[str]], envs: Sequence[Mapping[str, str]], clock: Callable[[], float]
) -> Seconds:
    """Run both commands once untimed, then by turns, so that both meet the same load of the machine."""
    samples: tuple[list[float], list[float]] = ([], [])
    for number in range(RUNS + 1):
        for command, env, times in zip(commands, envs, samples, strict=True):
            start = clock()
            subprocess.run(command, env=dict(env), check=True)
            if number:
                times.append(clock() - start)
    return Seconds(*(median(times) for times in samples))


def render_sizes(rows: Mapping[str, Sizes]) -> str:
    """Return the table of bytes, in MB."""
    lines = [
        "| | layer | source | one zip | unzipped | image layers: dependencies, code "
        f"| code storage of {FUNCTIONS} functions: layer and source, one zip each |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name, sizes in rows.items():
        shared = sizes.layer + FUNCTIONS * sizes.source
        lines.append(
            f"| {name} | {_mb(sizes.layer)} | {_mb(sizes.source)} | {_mb(sizes.function)} | {_mb(sizes.unzipped)} "
            f"| {_mb(sizes.image_dependencies)}, {_mb(sizes.image_code)} "
            f"| {_mb(shared)}, {_mb(FUNCTIONS * sizes.function)} |"
        )
    return "\n".join(lines)


def render_seconds(title: str, rows: Mapping[str, Seconds]) -> str:
    """Return a table of times."""
    lines = [f"| {title} | with a layer | one zip | ratio |", "|---|--:|--:|--:|"]
    lines += [
        f"| {name} | {seconds.layered:.2f} s | {seconds.one_zip:.2f} s | {seconds.ratio:.2f} |"
        for name, seconds in rows.items()
    ]
    return "\n".join(lines)


def _mb(size: int) -> str:
    return f"{size / MB:.2f}"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
