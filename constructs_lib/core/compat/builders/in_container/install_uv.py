"""uv.lock → repo/.venv, by `uv sync`."""

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


def commands(uv: list[str], python: str) -> list[list[str]]:
    """What to run in the folder with pyproject.toml and uv.lock.

    Copies instead of links: what is built belongs to the caller, and a change to it must not reach uv's cache.
    """
    return [
        [
            *uv,
            "sync",
            "--frozen",
            "--no-default-groups",
            "--no-install-project",
            "--no-editable",
            "--no-python-downloads",
            f"--python={python}",
            "--link-mode=copy",
            "--no-progress",
        ]
    ]


def main(requirement: str) -> None:
    """Install in the container, with the image's uv or one that is fetched first."""
    with tempfile.TemporaryDirectory() as scratch:
        found = shutil.which("uv")
        if found is None:
            venv.create(scratch, symlinks=True)
            pip = [sys.executable, "-m", "pip", f"--python={scratch}/bin/python"]
            run([*pip, "install", "--quiet", "--no-cache-dir", requirement])
            found = str(Path(scratch, "bin", "uv"))
        for command in commands([found], sys.executable):
            run([*command, "--no-cache"], cwd=REPO)


def run(command: list[str], cwd: Path | None = None) -> None:
    """Run a command; what it says is this program's output."""
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run(command, cwd=cwd, env={**os.environ, **ENVIRONMENT, **quiet}, check=True)  # noqa: S603


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
