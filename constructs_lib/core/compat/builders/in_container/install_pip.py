"""Install `requirements.txt` into `artifacts/python` by `pip install --target`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path("/var/task")


def commands(pip: list[str], root: Path, target: Path) -> list[list[str]]:
    """Return the commands to run in `root`, the folder of requirements.txt.

    A file with hashes was exported by a resolver and is complete. Without `--no-deps` pip would resolve it anew and
    refuse versions that the other resolver was told to override.
    """
    hashed = "--hash=" in (root / "requirements.txt").read_text(encoding="utf-8")
    return [
        [
            *pip,
            "install",
            "--requirement=requirements.txt",
            f"--target={target}",
            "--no-compile",
            "--no-input",
            "--disable-pip-version-check",
            *(["--require-hashes", "--no-deps"] if hashed else []),
        ]
    ]


def main() -> None:
    """Install in the container; pip comes with the image."""
    target = ROOT / "build" / "lambda" / "layer" / "artifacts" / "python"
    with tempfile.TemporaryDirectory() as scratch:
        # Of a path in the file pip builds in place, where setuptools would leave `build` and `*.egg-info`.
        settings = Path(scratch, "distutils.cfg")
        settings.write_text(f"[build]\nbuild_base = {scratch}/build\n[egg_info]\negg_base = {scratch}\n")
        env = {**os.environ, "PIP_NO_CACHE_DIR": "1", "DIST_EXTRA_CONFIG": str(settings)}
        for command in commands([sys.executable, "-m", "pip"], ROOT, target):
            subprocess.run(command, cwd=ROOT, env=env, check=True)  # noqa: S603


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
