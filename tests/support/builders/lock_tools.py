"""Pipenv and PDM in an environment of their own, and an index on loopback: nothing of the library needs them."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.system import process
from constructs_lib.core.target import Target
from tests.support.files.wheels import wheel_bytes, wheel_name
from tests.support.index.simple_index import Index, running_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# hishel 2 lacks what this PDM uses.
TOOLS = ("pipenv==2026.10.3", "pdm==2.29.4", "hishel<2")
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
TARGET = Target(PYTHON, "arm64" if platform.machine() == "aarch64" else "x86_64")
NATIVE = f"cp{PYTHON.replace('.', '')}"


@dataclass(frozen=True)
class Tools:
    """The programs, and the index that their projects name."""

    folder: Path
    index: Index

    def run(self, root: Path, *command: str) -> str:
        """Run a tool in a project; settings of this machine for pip and uv would change what it does."""
        if command[0] == "pipenv" and not (root / ".venv").exists():
            self._make_environment(root / ".venv")
        variables = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PIP_", "UV_", "PDM_", "PIPENV_", "VIRTUAL_ENV", "PYTHONPATH"))
        }
        variables |= {
            "HOME": str(root.parent),
            "PIP_CONFIG_FILE": os.devnull,
            "VIRTUAL_ENV": str(root / ".venv"),
            "PIPENV_VERBOSITY": "-1",
            "PDM_CHECK_UPDATE": "0",
            "PDM_USE_VENV": "0",
            "PDM_IGNORE_ACTIVE_VENV": "1",
        }
        done = subprocess.run(
            [self.folder / "bin" / command[0], *command[1:]],
            cwd=root,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _make_environment(self, folder: Path) -> None:
        """Make the environment that Pipenv installs into; its own way takes ten times as long."""
        uv = process.find_tool("uv")
        subprocess.run([uv, "venv", "--quiet", "--seed", f"--python={sys.executable}", folder], check=True)


@contextmanager
def lock_tools(folder: Path) -> Iterator[Tools]:
    """Install the tools into `folder` and serve the index until the end of the block."""
    uv = process.find_tool("uv")
    subprocess.run([uv, "venv", "--quiet", f"--python={sys.executable}", folder], check=True)
    python = f"--python={folder / 'bin' / 'python'}"
    subprocess.run([uv, "pip", "install", "--quiet", python, *TOOLS], check=True)
    with running_index() as index:
        add = index.add
        for name, requires in {
            "alpha": ["beta"],
            "beta": [],
            "gamma": ["alpha>=1", "delta; sys_platform == 'win32'", "epsilon; python_version >= '3'"],
            "delta": [],
            "epsilon": [],
            "rich": ['delta; extra == "more"\nProvides-Extra: more', "beta"],
            "dotted_name": [],
        }.items():
            for version in ("1.0", "2.0"):
                add(wheel_name(name, version), wheel_bytes(name, version, requires=requires))
        add(wheel_name("pre", "3.0rc1"), wheel_bytes("pre", "3.0rc1"))
        for machine in ("x86_64", "aarch64"):
            for tag in (
                f"cp310-abi3-manylinux_2_17_{machine}",
                f"{NATIVE}-{NATIVE}-manylinux_2_17_{machine}",
            ):
                files = {"native/__init__.py": tag.encode()}
                add(wheel_name("native", "1.0", tag), wheel_bytes("native", "1.0", files, tag=tag))
        yield Tools(folder, index)
