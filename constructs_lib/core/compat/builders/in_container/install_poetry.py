"""poetry.lock → repo/.venv, by `poetry sync`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

REPO = Path("/var/task/build/lambda/layer/repo")
# A person may have told Poetry to keep its environments elsewhere, or to make none.
ENVIRONMENT = {"POETRY_VIRTUALENVS_CREATE": "true", "POETRY_VIRTUALENVS_IN_PROJECT": "true"}


def commands(poetry: list[str], python: str) -> list[list[str]]:
    """What to run in the folder with pyproject.toml and poetry.lock; Poetry refuses a lock that is stale."""
    return [
        # Poetry takes the environment that is there; left alone it would look for a Python of its own.
        [python, "-m", "venv", "--without-pip", ".venv"],
        [*poetry, "sync", "--only=main", "--no-root", "--no-interaction", "--no-ansi"],
    ]


def main(requirement: str) -> None:
    """Install in the container, with the image's Poetry or one that is fetched first."""
    with tempfile.TemporaryDirectory() as scratch:
        found = shutil.which("poetry")
        if found is None:
            venv.create(scratch, symlinks=True)
            pip = [sys.executable, "-m", "pip", f"--python={scratch}/bin/python"]
            run([*pip, "install", "--quiet", "--no-cache-dir", requirement])
            found = str(Path(scratch, "bin", "poetry"))
        for command in commands([found], sys.executable):
            run(command, cwd=REPO)


def run(command: list[str], cwd: Path | None = None) -> None:
    """Run a command; what it says is this program's output."""
    # There is no keyring in the container, and looking for one may wait for ever.
    quiet = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run(command, cwd=cwd, env={**os.environ, **ENVIRONMENT, **quiet}, check=True)  # noqa: S603


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
