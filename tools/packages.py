"""`make packages`: builds the sdist and the wheel as a release does, checks both, and tries each extra in a fresh environment.

The wheel is built from the sdist, by the pinned backend. `make packages ARGS='cli aws'` tries those extras alone, and `core`
is the package without any.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
CORE = "core"
ROOMS = {
    CORE: ("constructs_lib.core",),
    "aws": ("constructs_lib.core", "constructs_lib.handler"),
    "cdk": ("constructs_lib.core", "constructs_lib.cdk"),
    "cli": ("constructs_lib.core", "constructs_lib.cli", "constructs_lib.handler"),
    "poetry": ("constructs_lib.core",),
    "report": ("constructs_lib.core",),
}
"""Packages that are importable with each extra, with all modules below them."""
_IMPORT_ALL = """\
import importlib, pkgutil, sys
for room in sys.argv[1:]:
    names = [module.name for module in pkgutil.walk_packages(importlib.import_module(room).__path__, f"{room}.")]
    # Scripts that run inside a container or a function's process, by their path.
    for name in [room, *(name for name in names if "in_container" not in name and ".runtime." not in name)]:
        importlib.import_module(name)
"""


class Packages(NamedTuple):
    """The two files of a release."""

    sdist: Path
    wheel: Path

    @property
    def version(self) -> str:
        """As the wheel's name has it."""
        return self.wheel.name.split("-")[1]


def main(arguments: list[str]) -> int:
    """Build, check and try; return 1 if an extra fails."""
    shutil.rmtree(DIST, ignore_errors=True)
    packages = build(DIST)
    check(packages)
    failed = []
    for extra in arguments or ROOMS:
        with tempfile.TemporaryDirectory(prefix="constructs-lib-") as folder:
            fault = fault_of(extra, packages, Path(folder).resolve())
        print(f"{extra}: {fault or 'ok'}", flush=True)
        failed += [extra] if fault else []
    return 1 if failed else 0


def build(folder: Path) -> Packages:
    """Build the sdist of this checkout and, from it, the wheel."""
    _run("uv", "build", "--quiet", "--no-build-isolation", f"--out-dir={folder}", str(ROOT))
    [sdist], [wheel] = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return Packages(sdist, wheel)


def check(packages: Packages) -> None:
    """Check metadata and description as the index does."""
    _run("twine", "check", "--strict", *map(str, packages))


def fault_of(extra: str, packages: Packages, folder: Path) -> str:
    """Install the wheel with one extra into a fresh environment; return what is wrong there, or an empty text."""
    scripts = folder / "env" / ("Scripts" if sys.platform == "win32" else "bin")
    python, program = scripts / "python", scripts / "constructs-lib"
    wanted = str(packages.wheel) if extra == CORE else f"constructs-lib[{extra}] @ {packages.wheel.as_uri()}"
    _run("uv", "venv", "--quiet", "--no-project", f"--python={sys.executable}", str(folder / "env"))
    _run("uv", "pip", "install", "--quiet", f"--python={python}", wanted)
    imported = _answer(folder, str(python), "-I", "-c", _IMPORT_ALL, *ROOMS[extra])
    if imported.returncode:
        return f"not every module can be imported: {imported.stderr.strip().splitlines()[-1]}"
    shown = _answer(folder, str(program), "--version")
    if extra == "cli":
        return "" if packages.version in shown.stdout else f"--version prints {shown.stdout + shown.stderr!r}"
    # Another extra may bring click along; else the line names the missing library.
    refused = shown.returncode == 1 and shown.stderr.startswith("error[cli-missing]: ")
    return "" if refused or packages.version in shown.stdout else f"--version ends in {shown.stderr!r}"


def _run(*command: str) -> None:
    subprocess.run([_tool(command[0]), *command[1:]], cwd=ROOT, check=True)


def _tool(name: str) -> str:
    """Return the program beside this Python, which is pinned."""
    return shutil.which(name, path=str(Path(sys.executable).parent)) or name


def _answer(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a program outside of the checkout; node, which jsii starts, is the pinned one."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = {**os.environ, "PATH": path}
    env.pop("PYTHONPATH", None)
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
