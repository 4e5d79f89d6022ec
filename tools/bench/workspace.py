"""The bench's folder below `build`: environments, locked projects, full caches."""

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
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from tools.bench.model import Command, Contender, Section

# Variables that change what a process does or costs: an interpreter that may not write bytecode, for example, would
# compile our modules in every run. The index and the way to it stay the caller's choice.
_REMOVED = (
    *("PYTHON", "VIRTUAL_ENV", "CONDA", "ZIPOPT", "CONSTRUCTS_LIB"),
    *("UV_PYTHON", "UV_CACHE", "UV_LINK", "PIP_CACHE", "PIP_NO_CACHE", "PIP_TARGET"),
    *("AWS_", "SAM_", "__SAM_", "CDK_", "JSII_"),
)


def clean_environment(environment: Mapping[str, str], root: Path, folder: Path) -> dict[str, str]:
    """Return the environment of every process: our tools first, the caches of uv and pip below `folder`."""
    inherited = {name: value for name, value in environment.items() if not name.startswith(_REMOVED)}
    tools = [str(Path(sys.executable).parent), str(root / "tools/cdk/node_modules/.bin")]
    return inherited | {
        "PATH": os.pathsep.join([*tools, environment.get("PATH", os.defpath)]),
        "PIP_CACHE_DIR": str(folder / "pip-cache"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_CACHE_DIR": str(folder / "uv-cache"),
        "UV_PYTHON_DOWNLOADS": "never",
    }


_EXTRAS = {"ours": "", "cdk": "[cdk]"}
"""Environments that hold this library, with the extra of each."""


@dataclass(frozen=True)
class Workspace:
    """The bench's folder, and the steps that fill it."""

    root: Path
    folder: Path

    @cached_property
    def env(self) -> dict[str, str]:
        """The environment variables of every process."""
        return clean_environment(os.environ, self.root, self.folder)

    @cached_property
    def interpreter(self) -> str | None:
        """A Python 3.12 of this machine, or None: none is downloaded."""
        return find_interpreter(self.env)

    @cached_property
    def machine(self) -> str:
        """The CPU as wheel tags name it."""
        return {"arm64": "aarch64", "AMD64": "x86_64"}.get(platform.machine(), platform.machine())

    def obstacle(self, contender: Contender) -> str:
        """Return the reason why a contender cannot run on this machine; empty if it can."""
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
        """Return the interpreter of the environment with those packages."""
        return str(self._environment(packages) / "bin/python")

    def make_environments(self, packages: Collection[str]) -> None:
        """Make the named environments: `ours` and `cdk` hold a wheel of this checkout, the others pinned peers."""
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
        """Return the line on pip's cache: some indexes forbid caching, and pip then fetches in every run."""
        cache = Path(self.env["PIP_CACHE_DIR"])
        size = sum(path.stat().st_size for path in cache.rglob("*") if path.is_file())
        return f"pip's cache after the last run: {size / 1e6:.0f} MB"

    def lock(self, workload: Path) -> Path:
        """Make a locked copy of the workload, with the URLs of the wheels that its layer needs."""
        if not workload.is_dir():
            raise BenchError(f"the workload {workload.relative_to(self.root)} is missing")
        folder = self.folder / "locked" / workload.name
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(workload / "pyproject.toml", folder)
        self.lock_folder(folder)
        target = [PYTHON_VERSION, architecture(self.machine)]
        self.prepare([self.python("ours"), "-c", URLS, str(folder), *target])
        return folder

    def lock_folder(self, project: Path) -> None:
        """Lock a project with uv; its lock file stays if it is valid."""
        interpreter = self.interpreter or sys.executable
        self._uv(["lock", "--quiet", "--project", str(project), "--python", interpreter])

    def export_pylock(self, locked: Path) -> str:
        """Return the lock file as pylock.toml."""
        interpreter = self.interpreter or sys.executable
        options = ["--quiet", "--frozen", "--no-emit-project", "--format", "pylock.toml"]
        return self._uv(["export", *options, "--project", str(locked), "--python", interpreter])

    def lock_facts(self, workloads: Iterable[str]) -> Iterator[str]:
        """Yield a line on the size of each workload's lock file."""
        for workload in workloads:
            distributions, hashes = lock_size(
                (self.folder / "locked" / workload / "uv.lock").read_text(encoding="utf-8")
            )
            yield f"{workload}: {distributions} distributions and {hashes} hashes in its lock file"

    def copy_project(self, section: Section, contender: Contender, workload: Path, locked: Path) -> Place:
        """Make the contender's copy of a locked workload, with the files that its command needs."""
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
            self.prepare(command.prepare, cwd=place.project)
        return place

    def env_of(self, place: Place, command: Command) -> dict[str, str]:
        """Return the variables of a contender's processes: the programs of its packages come first."""
        path = os.pathsep.join([str(Path(place.python).parent), self.env["PATH"]])
        return self.env | {"PATH": path} | command.env

    def _environment(self, packages: str) -> Path:
        return self.folder / "env" / packages.removesuffix(".txt")

    def _install(self, packages: str, arguments: list[str]) -> None:
        environment = self._environment(packages)
        if not (environment / "bin/python").exists():
            self._uv(["venv", "--quiet", "--python", self.interpreter or sys.executable, str(environment)])
        self._uv(["pip", "install", "--quiet", "--python", str(environment), *arguments])

    def _uv(self, arguments: list[str]) -> str:
        return self.prepare(["uv", *arguments])

    def prepare(self, argv: list[str], cwd: Path | None = None) -> str:
        """Run a program outside the timing and return its output."""
        done = subprocess.run(
            argv, cwd=cwd or self.folder, env=self.env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
            raise BenchError(f"`{Path(argv[0]).name} {argv[1]} ...` failed: {reason}")
        return done.stdout


def lock_size(uv_lock: str) -> tuple[int, int]:
    """Count the distributions of a uv.lock that come from an index, and the hashes of their files."""
    return len(re.findall(r"(?m)^source = \{ registry\b", uv_lock)), uv_lock.count('hash = "')


def find_interpreter(env: Mapping[str, str]) -> str | None:
    """Find the first Python 3.12 that starts: the running one, on PATH, or pyenv's (whose shims may fail)."""
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
