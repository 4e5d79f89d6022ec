"""What the bench needs before it measures: environments, locked projects, full caches. All of it below `build`."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tools.bench_contenders import PYTHON_VERSION, URLS, Contender, Place, architecture
from tools.bench_measure import BenchError

if TYPE_CHECKING:
    from collections.abc import Mapping

# What would change what a process does or costs; an interpreter that may not write bytecode would compile our
# modules in every run. Where an index is and how it is reached stays the caller's.
_UNWANTED = ("PYTHON", "UV_PYTHON", "UV_CACHE", "UV_LINK", "VIRTUAL_ENV", "CONDA", "CONSTRUCTS_LIB", "ZIPOPT")


def clean_environment(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The environment of every process here, with uv's cache below `folder`."""
    kept = {name: value for name, value in environment.items() if not name.startswith(_UNWANTED)}
    own = str(Path(sys.executable).parent)
    return kept | {
        "PATH": os.pathsep.join([own, environment.get("PATH", os.defpath)]),
        "UV_CACHE_DIR": str(folder / "uv-cache"),
        "UV_PYTHON_DOWNLOADS": "never",
    }


@dataclass(frozen=True)
class Bench:
    """The bench's folder and how it is filled."""

    root: Path
    folder: Path

    @cached_property
    def env(self) -> dict[str, str]:
        return clean_environment(os.environ, self.folder)

    @cached_property
    def interpreter(self) -> str | None:
        """A Python 3.12 of this machine, or None: none is downloaded."""
        return find_interpreter(self.env)

    @cached_property
    def machine(self) -> str:
        return {"arm64": "aarch64", "AMD64": "x86_64"}.get(platform.machine(), platform.machine())

    def missing(self, contender: Contender) -> str:
        """Why this contender cannot run here, or nothing."""
        for program in contender.needs:
            if shutil.which(program, path=self.env["PATH"]) is None:
                return f"not run: `{program}` is not installed"
        if contender.needs_interpreter and self.interpreter is None:
            return f"not run: there is no Python {PYTHON_VERSION} on this machine"
        return ""

    def _place(self, contender: Contender, workload: Path) -> Place:
        return Place(
            self.folder / "work" / re.sub(r"\W+", "-", contender.name) / workload.name,
            workload / "requirements.txt",
            self.python(contender.packages),
            self.interpreter or sys.executable,
            self.folder / "stores",
            self.machine,
        )

    def python(self, packages: str) -> str:
        """The interpreter of the environment with those packages."""
        return str(self._environment(packages) / "bin/python")

    def environments(self) -> None:
        """One for ours, from a wheel of this checkout, and one for each file of pinned peers."""
        (self.folder / "log").mkdir(parents=True, exist_ok=True)
        dist = self.folder / "dist"
        shutil.rmtree(dist, ignore_errors=True)
        # The build backend is pinned in our own environment; an isolated build would fetch another.
        build = ["build", "--wheel", "--no-build-isolation", "--python", sys.executable]
        self._uv([*build, "--out-dir", str(dist), str(self.root)])
        (wheel,) = dist.glob("*.whl")
        pins = ["--constraint", str(self.root / "requirements-dev.txt")]
        self._install("ours", [*pins, "--reinstall-package", "constructs-lib", str(wheel)])
        for peers in sorted((self.root / "tools").glob("bench-peers*.txt")):
            self._install(peers.name, ["--require-hashes", "--requirement", str(peers)])

    def lock(self, workload: Path) -> Path:
        """A locked copy of the workload, with the addresses of the wheels that its layer needs."""
        folder = self.folder / "locked" / workload.name
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(workload / "pyproject.toml", folder)
        interpreter = self.interpreter or sys.executable
        self._uv(["lock", "--quiet", "--project", str(folder), "--python", interpreter])
        target = [PYTHON_VERSION, architecture(self.machine)]
        self._run([self.python("ours"), "-c", URLS, str(folder), *target])
        return folder

    def project(self, contender: Contender, workload: Path, locked: Path) -> Place:
        """The contender's own copy of a locked workload."""
        place = self._place(contender, workload)
        shutil.rmtree(place.project, ignore_errors=True)
        shutil.copytree(locked, place.project)
        if contender.needs_interpreter:  # upstream reads the Python version from the project's .venv
            self._uv(["venv", "--quiet", "--python", place.interpreter, str(place.project / ".venv")])
        return place

    def _environment(self, packages: str) -> Path:
        return self.folder / "env" / packages.removesuffix(".txt")

    def _install(self, packages: str, arguments: list[str]) -> None:
        environment = self._environment(packages)
        if not (environment / "bin/python").exists():
            self._uv(["venv", "--quiet", "--python", self.interpreter or sys.executable, str(environment)])
        self._uv(["pip", "install", "--quiet", "--python", str(environment), *arguments])

    def _uv(self, arguments: list[str]) -> None:
        self._run(["uv", *arguments])

    def _run(self, argv: list[str]) -> None:
        done = subprocess.run(
            argv, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
            raise BenchError(f"`{Path(argv[0]).name} {argv[1]} ...` failed: {reason}")


def find_interpreter(env: Mapping[str, str]) -> str | None:
    """The first Python 3.12 that starts: our own, on PATH, or one of pyenv's (its shims need not start)."""
    name = f"python{PYTHON_VERSION}"
    pyenv = Path(env.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates = [
        Path(sys.executable),
        *(Path(folder, name) for folder in env["PATH"].split(os.pathsep)),
        *sorted(pyenv.glob(f"versions/{PYTHON_VERSION}*/bin/{name}")),
    ]
    script = (
        "import sys; print('%d.%d' % sys.version_info[:2], getattr(sys, '_base_executable', sys.executable))"
    )
    for candidate in candidates:
        if candidate.exists():
            done = subprocess.run(
                [candidate, "-c", script], env=env, capture_output=True, text=True, check=False
            )
            version, _, executable = done.stdout.strip().partition(" ")
            if done.returncode == 0 and version == PYTHON_VERSION:
                return executable
    return None
