"""Install `poetry.lock` into `repo/.venv` by `poetry sync`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

REPO = Path("/var/task/build/lambda/layer/repo")
# Poetry may be configured to keep its environments elsewhere, or to make none.
ENVIRONMENT = {"POETRY_VIRTUALENVS_CREATE": "true", "POETRY_VIRTUALENVS_IN_PROJECT": "true"}


def commands(poetry: list[str], python: str) -> list[list[str]]:
    """Return the commands to run in the folder of pyproject.toml and poetry.lock; Poetry refuses a stale lock."""
    return [
        # Poetry uses an existing environment; without one it would choose a Python by itself.
        [python, "-m", "venv", "--without-pip", ".venv"],
        [*poetry, "sync", "--only=main", "--no-root", "--no-interaction", "--no-ansi"],
    ]


def main(requirement: str) -> None:
    """Install in the container, with the image's Poetry or one that is fetched first."""
    with tempfile.TemporaryDirectory() as scratch:
        program = shutil.which("poetry")
        if program is None:
            venv.create(scratch, symlinks=True)
            pip = [sys.executable, "-m", "pip", f"--python={scratch}/bin/python"]
            run([*pip, "install", "--quiet", "--no-cache-dir", requirement])
            program = str(Path(scratch, "bin", "poetry"))
        for command in commands([program], sys.executable):
            run(command, cwd=REPO)


def run(command: list[str], cwd: Path | None = None) -> None:
    """Run a command; its output is this program's output."""
    # There is no keyring in the container, and looking for one may wait for ever.
    quiet = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run(command, cwd=cwd, env={**os.environ, **ENVIRONMENT, **quiet}, check=True)  # noqa: S603


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
