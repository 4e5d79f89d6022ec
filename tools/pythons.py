"""`make pythons`: runs the tests without outside tools on the other Pythons of this machine.

Each Python has an environment with the pinned packages, below `build/pythons`; on the oldest one the library's own
dependencies have the lowest versions that pyproject.toml allows. A missing Python is named and skipped. With CI in the
environment it is a failure, and only the oldest and the newest one run, to save time: the workflow's matrix has all.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from tests.support.builders.hosts import OWN, interpreters
from tests.support.builders.uv import ROOT

if TYPE_CHECKING:
    from pathlib import Path

VERSIONS = ("3.10", "3.11", "3.12", "3.13")
_ROOMS = (
    *(f"tests/core/{room}" for room in ("archive", "index", "lock", "project", "store", "system")),
    *("tests/handler", "tests/test_import_rule.py"),
)
SMALL_SHARE = (*_ROOMS, "tests/cdk/test_layer_artifact.py", "tests/cdk/test_publisher.py")
"""The code that a Python version is most likely to change."""
SHARE = (
    *_ROOMS,
    "tests/cdk",
    "tests/cli",
    *(f"tests/core/{room}" for room in ("deploy", "publish", "report", "sbom")),
)
"""For the oldest Python: what uses the dependencies, of which it has the lowest."""


def main(arguments: list[str]) -> int:
    """Run the share of tests on each Python; return 1 if it fails on one of them."""
    pythons, is_ci = interpreters(), bool(os.environ.get("CI"))
    missing = [version for version in VERSIONS if version not in pythons]
    failed = missing if is_ci else []
    for version in missing:
        print(f"Python {version}: not on this machine", flush=True)
    for version in (VERSIONS[0], VERSIONS[-1]) if is_ci else VERSIONS:
        if version in pythons and version != OWN and not _passes(version, pythons[version], arguments):
            failed.append(version)
    print(f"failed on {', '.join(failed)}" if failed else "passed on every one", flush=True)
    return bool(failed)


def _passes(version: str, interpreter: Path, arguments: list[str]) -> bool:
    began = time.monotonic()
    folder = ROOT / "build" / "pythons" / version
    python = folder / "bin" / "python"
    pins = ["pip", "sync", "--quiet", "--require-hashes", f"--python={python}", "requirements-dev.txt"]
    lowest = folder / "lowest.txt"
    project = ["--quiet", "--no-deps", "--no-build-isolation", f"--python={python}", "--editable=."]
    for command in (
        ["venv", "--quiet", "--clear", "--no-project", f"--python={interpreter}", str(folder)],
        pins,
        *_lowest(python, lowest, version),
        ["pip", "install", *project],
    ):
        # One install at a time, for the reason in the Makefile.
        subprocess.run(
            ["uv", *command], cwd=ROOT, check=True, env={**os.environ, "UV_CONCURRENT_INSTALLS": "1"}
        )
    # Without the cache, which all Pythons would share.
    options = ["-q", "-m", "not integration", "-p", "no:cacheprovider", "--hypothesis-profile=few"]
    # This one is about the tests, which are the same on every Python.
    options += ["--deselect=tests/handler/test_histories.py::test_a_wrong_rule_is_noticed"]
    options += [*(SHARE if version == VERSIONS[0] else SMALL_SHARE), *arguments]
    env = {**os.environ, "PATH": os.pathsep.join([str(python.parent), os.environ["PATH"]])}
    env["UV_NATIVE_TLS"] = "1"  # the oldest uv does not look at the system's certificates otherwise
    done = subprocess.run([python, "-m", "pytest", *options], cwd=ROOT, env=env, check=False)
    print(f"Python {version}: exit code {done.returncode}, {time.monotonic() - began:.0f} s", flush=True)
    return done.returncode == 0


def _lowest(python: Path, requirements: Path, version: str) -> list[list[str]]:
    """Return the commands that replace our dependencies by the lowest ones that are allowed, on the oldest Python."""
    if version != VERSIONS[0]:
        return []
    resolution = [
        "--resolution=lowest-direct",
        "--all-extras",
        f"--python-version={version}",
        "--no-annotate",
    ]
    return [
        ["pip", "compile", "--quiet", *resolution, "pyproject.toml", f"--output-file={requirements}"],
        ["pip", "install", "--quiet", "--no-deps", f"--python={python}", f"--requirement={requirements}"],
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
