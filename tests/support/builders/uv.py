"""The real uv on small projects: lock, install, and layers built from what it locked."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.layer.layer_options import LayerOptions
from constructs_lib.core.progress import QUIET, Progress
from constructs_lib.core.target import Target
from tests.support.files.wheels import Member, wheel_bytes, wheel_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from constructs_lib.core.layer.artifact import LayerArtifact
    from constructs_lib.core.store.wheel_store import WheelStore
    from tests.support.index.simple_index import Index

ROOT = Path(__file__).resolve().parents[3]
WORKLOADS = ROOT / "tests" / "data" / "workloads"
UV_BUILD = '[build-system]\nrequires = ["uv_build>=0.9"]\nbuild-backend = "uv_build"\n'
"""uv carries this backend itself: nothing is fetched for it."""


def uv(
    *arguments: str | Path, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the uv of this environment to its end."""
    program = shutil.which("uv", path=str(Path(sys.executable).parent))
    assert program is not None
    return subprocess.run(
        [program, *arguments],
        cwd=cwd,
        env={**os.environ, "UV_PYTHON_DOWNLOADS": "never", **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )


def must(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout


def lock_workload(name: str, folder: Path, python_version: str = "3.12", *, package: bool = False) -> Path:
    """Copy a workload to `folder` and lock it anew; a `package` has a build backend, and its code must be there.

    `uv lock` wants an interpreter that satisfies `requires-python`, which this machine need not have. With a
    wide `requires-python` any will do, and `environments` limits the answer to the Python that is meant. The
    pinned versions are those for 3.12.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "pyproject.toml"
    after = f"3.{int(python_version.removeprefix('3.')) + 1}"
    only = (
        f"environments = [\"python_full_version >= '{python_version}' and python_full_version < '{after}'\"]"
    )
    text = (WORKLOADS / name / "pyproject.toml").read_text()
    text = text.replace('requires-python = ">=3.12,<3.13"', 'requires-python = ">=3.10"')
    text = text.replace("[tool.uv]\n", f"[tool.uv]\n{only}\n")
    if python_version != "3.12":
        pins = text[text.index("constraint-dependencies") :]
        text = text.replace(pins[: pins.index("]") + 1], "")
    if package:
        text = re.sub(r"(package|package-mode) = false", r"\1 = true", text) + UV_BUILD
    path.write_text(text)
    must(uv("lock", f"--python={sys.executable}", cwd=folder))
    return folder


def install_workload(name: str, folder: Path) -> None:
    """Install a workload's `requirements.txt` into `folder`, for Python 3.12 on x86_64."""
    options = ["--python-platform=x86_64-manylinux_2_34", "--python-version=3.12", "--only-binary=:all:"]
    options += ["--no-deps", "--require-hashes", f"--requirement={WORKLOADS / name / 'requirements.txt'}"]
    must(uv("pip", "install", f"--target={folder}", *options, cwd=folder))


@dataclass
class Shop:
    """A project `shop` that is locked against a loopback index."""

    root: Path
    index: Index
    store: WheelStore
    target: Target = field(default_factory=lambda: Target("3.12"))
    settings: str = ""
    """What else stands in pyproject.toml."""
    project: Path = field(init=False)
    zip: Path = field(init=False)

    def __post_init__(self) -> None:
        self.project = self.root / "shop"
        self.zip = self.root / "out" / "layer.zip"

    def serve(
        self,
        name: str,
        version: str = "1.0",
        files: Mapping[str, bytes | Member] | None = None,
        tag: str = "py3-none-any",
        requires: Iterable[str] = (),
    ) -> str:
        """Put a wheel on the index and return its file name."""
        filename = wheel_name(name, version, tag)
        self.index.add(filename, wheel_bytes(name, version, files, tag, requires=requires))
        return filename

    def write(self, dependencies: Sequence[str], *, head: str = "") -> None:
        self.project.mkdir(exist_ok=True, parents=True)
        listed = "".join(f"  '''{each}''',\n" for each in dependencies)
        (self.project / "pyproject.toml").write_text(
            f'[project]\nname = "shop"\nversion = "1.0"\nrequires-python = ">=3.10"\n{head}'
            f"dependencies = [\n{listed}]\n\n[tool.uv]\npackage = false\n{self.settings}"
        )

    def lock(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`uv lock`, and the index forgets that it was asked."""
        options = (f"--python={sys.executable}", f"--default-index={self.index.simple}", "--no-cache")
        done = uv("lock", *options, *arguments, cwd=self.project)
        self.index.asked.clear()
        return done

    def locked(self, *dependencies: str) -> Shop:
        """Write the project with these dependencies and lock it."""
        self.write(dependencies)
        must(self.lock())
        return self

    def build(self, progress: Progress = QUIET, **options: Any) -> LayerArtifact:
        """Build the layer; `options` are the fields of `LayerOptions`."""
        chosen = LayerOptions(**options)
        return build_layer(self.project, self.zip, self.target, chosen, store=self.store, progress=progress)
