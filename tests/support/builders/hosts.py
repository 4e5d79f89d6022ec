"""Other interpreters of this machine, each with nothing but what the core needs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.builders.uv import ROOT, must, uv

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

OWN = f"{sys.version_info[0]}.{sys.version_info[1]}"
OTHER = next(version for version in ("3.13", "3.12") if version != OWN)


@cache
def interpreters() -> dict[str, Path]:
    """Python version → an interpreter that works: on PATH, among pyenv's, or the running one."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    found = {OWN: Path(sys.executable)}
    for version in ("3.10", "3.11", "3.12", "3.13", "3.14"):
        candidates = [*sorted(pyenv.glob(f"{version}.*/bin/python{version}"))]
        candidates += [Path(path)] if (path := shutil.which(f"python{version}")) else []
        working = (path for path in candidates if _works(path))
        if version not in found and (first := next(working, None)):
            found[version] = first
    return found


def hide_interpreters(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Leave none but the running one; the folder that is PATH from now on, and still empty."""
    path = folder / "bin"
    path.mkdir()
    monkeypatch.setenv("PATH", str(path))
    monkeypatch.setenv("PYENV_ROOT", str(folder / "none"))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(folder / "none"))
    monkeypatch.setenv("UV_PYTHON_PREFERENCE", "only-managed")
    return path


def _works(path: Path) -> bool:
    return subprocess.run([path, "-c", "import ssl"], capture_output=True, check=False).returncode == 0


def make_host(folder: Path, interpreter: Path) -> Path:
    """Make an environment with the core's dependencies in the pinned versions; return its interpreter."""
    needs = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    python = folder / "bin" / "python"
    must(uv("venv", "--no-project", f"--python={interpreter}", folder, cwd=ROOT))
    pins = f"--constraints={ROOT / 'requirements-dev.txt'}"
    must(uv("pip", "install", f"--python={python}", pins, "--only-binary=:all:", *needs, cwd=ROOT))
    return python


def make_hosts(folder: Path) -> dict[str, Path]:
    """Make a fresh environment for every Python of this machine; Python version → its interpreter."""
    found = interpreters()
    with ThreadPoolExecutor(2) as pool:
        made = pool.map(lambda version: make_host(folder / version, found[version]), found)
        return dict(zip(found, made, strict=True))


def elsewhere(folder: Path, **env: str) -> dict[str, str]:
    """Return other settings than this process has, in all that must not count."""
    home, scratch = folder / "home", folder / "scratch"
    home.mkdir(parents=True)
    scratch.mkdir()
    settings = {
        "UMASK": "077",
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "C",
        "PYTHONHASHSEED": "7",
        "HOME": str(home),
        "TMPDIR": str(scratch),
    }
    # uv's download cache follows HOME; the export needs none.
    return {**settings, "UV_OFFLINE": "1", **env}


def build_on(
    python: Path,
    entry: Path,
    path: Path,
    env: Mapping[str, str],
    target: tuple[str, str] = ("3.12", "x86_64"),
    product: str = "layer",
) -> dict[str, Any]:
    """Run `tests/support/build_layer.py` by that interpreter; return its answer."""
    script = ROOT / "tests" / "support" / "build_layer.py"
    done = subprocess.run(
        [python, script, entry, path, *target, product],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
