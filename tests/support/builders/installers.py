"""The distributions that the real pip and the real uv would install from a requirements file."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from tests.support.builders.uv import uv

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Installed = frozenset[str] | None
"""`name==version` of each; None where the tool refuses the file."""

# One process for all files: to start pip takes longer than to ask it.
_PIP = """
import contextlib, io, os, sys
from pip._internal.cli.main import main
for folder in sys.argv[1:]:
    os.chdir(folder)
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        main(["install", "--dry-run", "--ignore-installed", "--quiet", "--no-input", "--retries=0", "--no-cache-dir",
              "--report=pip.json", "-r", "requirements.txt"])
"""


def plain_environment(**more: str) -> dict[str, str]:
    """Return the environment without the settings of this machine's pip and uv."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    return {**kept, "PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1", **more}


def pip_installs(folders: Sequence[Path], env: Mapping[str, str]) -> dict[Path, Installed]:
    """Ask pip for the `requirements.txt` of each folder, for the running Python."""
    subprocess.run([sys.executable, "-c", _PIP, *map(str, folders)], env=dict(env), check=True)
    return {folder: _reported(folder / "pip.json") for folder in folders}


def _reported(path: Path) -> Installed:
    if not path.exists():
        return None
    rows = [row["metadata"] for row in json.loads(path.read_text())["install"]]
    return frozenset(f"{canonicalize_name(row['name'])}=={row['version']}" for row in rows)


def uv_installs(folder: Path, env: Mapping[str, str], *target: str) -> Installed:
    """Ask uv for the `requirements.txt` of a folder, for the running Python or what `target` names."""
    nowhere = f"--target={folder / 'nowhere'}"
    options = ("--dry-run", nowhere, f"--python={sys.executable}", "--no-cache", *target)
    done = uv("pip", "install", *options, "-r", "requirements.txt", cwd=folder, env=env)
    if done.returncode:
        return None
    # A folder has no version there before it is built.
    rows = re.findall(r"^ \+ ([\w.-]+?)(?:==(\S+)| @ )", done.stderr, re.MULTILINE)
    return frozenset(f"{canonicalize_name(name)}=={version or '1.0'}" for name, version in rows)
