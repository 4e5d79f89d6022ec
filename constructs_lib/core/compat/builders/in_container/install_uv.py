"""Install `uv.lock` into `repo/.venv` by `uv sync`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

REPO = Path("/var/task/build/lambda/layer/repo")
ENVIRONMENT = {"UV_PROJECT_ENVIRONMENT": ".venv"}
MAIN_DEPENDENCIES = ("--frozen", "--no-default-groups")
"""The options if none are given: the locked main dependencies alone."""


def commands(uv: list[str], python: str, *options: str) -> list[list[str]]:
    """Return the commands to run in the folder of pyproject.toml and uv.lock; `options` are those of `uv sync`.

    Files are copied instead of linked: the tree belongs to the caller, and a change to it must not reach uv's cache.
    """
    return [
        [
            *uv,
            "sync",
            *(options or MAIN_DEPENDENCIES),
            "--no-install-project",
            "--no-editable",
            "--no-python-downloads",
            f"--python={python}",
            "--link-mode=copy",
            "--no-progress",
        ]
    ]


def main(requirement: str, *options: str) -> None:
    """Install in the container, with the image's uv or one that is fetched first."""
    with tempfile.TemporaryDirectory() as scratch:
        program = shutil.which("uv")
        if program is None:
            venv.create(scratch, symlinks=True)
            pip = [sys.executable, "-m", "pip", f"--python={scratch}/bin/python"]
            run([*pip, "install", "--quiet", "--no-cache-dir", requirement])
            program = str(Path(scratch, "bin", "uv"))
        for command in commands([program], sys.executable, *options):
            run([*command, "--no-cache"], cwd=REPO)


def run(command: list[str], cwd: Path | None = None) -> None:
    """Run a command; its output is this program's output."""
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run(command, cwd=cwd, env={**os.environ, **ENVIRONMENT, **quiet}, check=True)  # noqa: S603


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
