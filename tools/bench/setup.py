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

from constructs_lib.core.target import Target
from tools.bench.measure import BenchError
from tools.bench.model import PYTHON_VERSION, Place, architecture
from tools.bench.ours import URLS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tools.bench.model import Command, Contender, Section

# What would change what a process does or costs; an interpreter that may not write bytecode would compile our
# modules in every run. Where an index is and how it is reached stays the caller's.
_UNWANTED = (
    *("PYTHON", "VIRTUAL_ENV", "CONDA", "ZIPOPT", "CONSTRUCTS_LIB"),
    *("UV_PYTHON", "UV_CACHE", "UV_LINK", "PIP_CACHE", "PIP_NO_CACHE", "PIP_TARGET"),
    *("AWS_", "SAM_", "__SAM_", "CDK_", "JSII_"),
)


def clean_environment(environment: Mapping[str, str], root: Path, folder: Path) -> dict[str, str]:
    """The environment of every process here: our tools first, the caches of uv and pip below `folder`."""
    kept = {name: value for name, value in environment.items() if not name.startswith(_UNWANTED)}
    ours = [str(Path(sys.executable).parent), str(root / "tools/cdk/node_modules/.bin")]
    return kept | {
        "PATH": os.pathsep.join([*ours, environment.get("PATH", os.defpath)]),
        "PIP_CACHE_DIR": str(folder / "pip-cache"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_CACHE_DIR": str(folder / "uv-cache"),
        "UV_PYTHON_DOWNLOADS": "never",
    }


_EXTRAS = {"ours": "", "cdk": "[cdk]"}
"""Environments with ours in them, and the extra."""


@dataclass(frozen=True)
class Bench:
    """The bench's folder and how it is filled."""

    root: Path
    folder: Path

    @cached_property
    def env(self) -> dict[str, str]:
        return clean_environment(os.environ, self.root, self.folder)

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
        if contender.needs_image and not self._has_image:
            return f"not run: no Docker daemon here has the image {self._image}"
        return ""

    @property
    def _image(self) -> str:
        return Target(PYTHON_VERSION, architecture(self.machine)).build_image

    @cached_property
    def _has_image(self) -> bool:
        argv = ["docker", "image", "inspect", self._image]
        return subprocess.run(argv, env=self.env, capture_output=True, check=False).returncode == 0

    def _place(self, section: Section, contender: Contender, workload: Path) -> Place:
        return Place(
            self.folder / "work" / section.name / re.sub(r"\W+", "-", contender.name) / workload.name,
            workload / "requirements.txt",
            self.python(contender.packages),
            self.interpreter or sys.executable,
            self.folder / "stores",
            self.machine,
        )

    def python(self, packages: str) -> str:
        """The interpreter of the environment with those packages."""
        return str(self._environment(packages) / "bin/python")

    def environments(self, packages: Collection[str]) -> None:
        """Those that are asked for: `ours` and `cdk` hold a wheel of this checkout, the others pinned peers."""
        (self.folder / "log").mkdir(parents=True, exist_ok=True)
        dist = self.folder / "dist"
        shutil.rmtree(dist, ignore_errors=True)
        # The build backend is pinned in our own environment; an isolated build would fetch another.
        build = ["build", "--wheel", "--no-build-isolation", "--python", sys.executable]
        self._uv([*build, "--out-dir", str(dist), str(self.root)])
        (wheel,) = dist.glob("*.whl")
        pins = ["--constraint", str(self.root / "requirements-dev.txt")]
        for name in sorted(packages):
            if name in _EXTRAS:
                extra = f"{wheel}{_EXTRAS[name]}"
                self._install(name, [*pins, "--reinstall-package", "constructs-lib", extra])
            else:
                self._install(
                    name, ["--require-hashes", "--requirement", str(self.root / "tools/bench" / name)]
                )

    def pip_cache_fact(self) -> str:
        """What pip was allowed to keep: some indexes forbid it, and pip then fetches in every run."""
        cache = Path(self.env["PIP_CACHE_DIR"])
        size = sum(path.stat().st_size for path in cache.rglob("*") if path.is_file())
        return f"pip's cache after the last run: {size / 1e6:.0f} MB"

    def lock(self, workload: Path) -> Path:
        """A locked copy of the workload, with the addresses of the wheels that its layer needs."""
        if not workload.is_dir():
            raise BenchError(f"the workload {workload.relative_to(self.root)} is missing")
        folder = self.folder / "locked" / workload.name
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(workload / "pyproject.toml", folder)
        interpreter = self.interpreter or sys.executable
        self._uv(["lock", "--quiet", "--project", str(folder), "--python", interpreter])
        target = [PYTHON_VERSION, architecture(self.machine)]
        self._run([self.python("ours"), "-c", URLS, str(folder), *target])
        return folder

    def project(self, section: Section, contender: Contender, workload: Path, locked: Path) -> Place:
        """The contender's own copy of a locked workload, with what its command wants there."""
        place = self._place(section, contender, workload)
        shutil.rmtree(place.project, ignore_errors=True)
        shutil.copytree(locked, place.project)
        command = contender.command(place)
        if contender.needs_interpreter:  # upstream reads the Python version from the project's .venv
            self._uv(["venv", "--quiet", "--python", place.interpreter, str(place.project / ".venv")])
        for name, text in command.files.items():
            path = place.project / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        if command.prepare:
            self._run(command.prepare, cwd=place.project)
        return place

    def env_of(self, place: Place, command: Command) -> dict[str, str]:
        """The environment of a contender's processes: the programs of its own packages come first."""
        path = os.pathsep.join([str(Path(place.python).parent), self.env["PATH"]])
        return self.env | {"PATH": path} | command.env

    def _environment(self, packages: str) -> Path:
        return self.folder / "env" / packages.removesuffix(".txt")

    def _install(self, packages: str, arguments: list[str]) -> None:
        environment = self._environment(packages)
        if not (environment / "bin/python").exists():
            self._uv(["venv", "--quiet", "--python", self.interpreter or sys.executable, str(environment)])
        self._uv(["pip", "install", "--quiet", "--python", str(environment), *arguments])

    def _uv(self, arguments: list[str]) -> None:
        self._run(["uv", *arguments])

    def _run(self, argv: list[str], cwd: Path | None = None) -> None:
        done = subprocess.run(
            argv, cwd=cwd or self.folder, env=self.env, capture_output=True, text=True, check=False
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
