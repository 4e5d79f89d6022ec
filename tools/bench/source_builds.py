"""`python -m tools.bench.source_builds`: times the build of a project's source zip against `uv build --wheel` in place.

In rounds, in one process, as an app of CDK builds it: everything is warm, and before each round a file is changed, so that
both build anew; then the unchanged project is built once more. A goal that is missed ends with exit code 1.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.source.build_source import build_source
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.system.process import find_tool

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 7
CHANGED_SHARE = 1.1
"""The goal is "no slower"; two runs of the same program differ by as much."""
CHANGED_SECONDS = 0.03
"""For what uv does not do: git is asked for ignored files, the wheel is checked and kept, the zip is written."""
UNCHANGED_SHARE = 1 / 3
MODULES = 40

_TABLE = '[project]\nname = "pkg"\nrequires-python = ">=3.10"\n'
_FIXED = f'{_TABLE}version = "1.0"\n'
_DYNAMIC = f'{_TABLE}dynamic = ["version"]\n'
_HATCH = '[tool.hatch.build.targets.wheel]\npackages = ["src/pkg"]\n'


def _system(backend: str, *requires: str) -> str:
    names = ", ".join(f'"{name}"' for name in requires)
    return f'[build-system]\nrequires = [{names}]\nbuild-backend = "{backend}"\n'


PROJECTS = {
    "uv_build": _system("uv_build", "uv_build") + _FIXED,
    "hatchling": _system("hatchling.build", "hatchling") + _FIXED + _HATCH,
    "setuptools": _system("setuptools.build_meta", "setuptools") + _FIXED,
    "poetry-core": _system("poetry.core.masonry.api", "poetry-core")
    + _FIXED
    + '[tool.poetry]\npackages = [{ include = "pkg", from = "src" }]\n',
    "hatch-vcs": _system("hatchling.build", "hatchling", "hatch-vcs")
    + _DYNAMIC
    + _HATCH
    + '[tool.hatch.version]\nsource = "vcs"\n',
    "setuptools-scm": _system("setuptools.build_meta", "setuptools", "setuptools-scm")
    + _DYNAMIC
    + "[tool.setuptools_scm]\n",
}


class Times(NamedTuple):
    """Medians in seconds."""

    uv: float
    changed: float
    unchanged: float

    @property
    def met(self) -> bool:
        limit = CHANGED_SHARE * self.uv + CHANGED_SECONDS
        return self.changed <= limit and self.unchanged <= UNCHANGED_SHARE * self.uv


def write_project(root: Path, text: str) -> Path:
    """Write a project with some modules, in a repository with a tag."""
    package = root / "src" / "pkg"
    package.mkdir(parents=True)
    (root / "pyproject.toml").write_text(text, encoding="utf-8")
    for number in range(MODULES):
        (package / f"module_{number}.py").write_text(f"x = {number}\n" * 200, encoding="utf-8")
    (package / "__init__.py").write_text("", encoding="utf-8")
    for arguments in (
        ("init", "-q"),
        ("add", "-A"),
        ("commit", "-qm", "first"),
        ("tag", "v1.0"),
    ):
        settings = ("-c", "user.name=bench", "-c", "user.email=bench@example.org")
        subprocess.run(["git", *settings, *arguments], cwd=root, check=True)
    return root


def measure_project(root: Path, folder: Path, rounds: int) -> Times:
    """Measure in turns, so that a busy minute hits all; the first round warms up and does not count."""
    store = WheelStore(folder / "store")
    uv = [find_tool("uv"), "build", "--wheel", "--quiet", f"--out-dir={folder / 'out'}", str(root)]
    times: list[Times] = []
    for number in range(rounds + 1):
        (root / "src" / "pkg" / "changed.py").write_text(f"x = {number}\n", encoding="utf-8")
        times.append(
            Times(
                changed=_seconds(lambda: build_source(root, folder / "source.zip", store=store)),
                unchanged=_seconds(lambda: build_source(root, folder / "source.zip", store=store)),
                uv=_seconds(lambda: subprocess.run(uv, check=True)),
            )
        )
    return Times(*(median(column) for column in zip(*times[1:], strict=True)))


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main(rounds: int = ROUNDS) -> int:
    """Measure and print all projects; return the exit code."""
    missed = False
    print(f"{'backend':<16}{'uv build':>10}{'changed':>10}{'unchanged':>11}")
    for name, text in PROJECTS.items():
        with tempfile.TemporaryDirectory() as folder:
            root = write_project(Path(folder, "project"), text)
            times = measure_project(root, Path(folder), rounds)
        missed = missed or not times.met
        note = "" if times.met else "  missed"
        print(
            f"{name:<16}{times.uv:>8.3f} s{times.changed:>8.3f} s{times.unchanged:>9.3f} s{note}", flush=True
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
