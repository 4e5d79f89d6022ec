"""The commands of one app with many layers, and its projects, whose lock files differ only in a name."""

from __future__ import annotations

import re
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tools.bench.synth import app_with

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tools.bench.model import Command, Place
    from tools.bench.workspace import Workspace

LAYERS = 50

# Not given to the function: Lambda allows five layers for one.
_LAYERS = """\
from constructs_lib import PythonLayerArtifact
for number in range({layers}):
    PythonLayerArtifact(
        stack, f"Layer{{number}}", entry=f"projects/{{number % {locks}:02}}", runtime=runtime,
        architecture=architecture,
    )
"""


def app(place: Place, *, layers: int, locks: int) -> Command:
    """Run the app alone, with so many layers of so many projects."""
    return app_with(place, _LAYERS.format(layers=layers, locks=locks))


@contextmanager
def many_locks(workspace: Workspace, locked: Path) -> Iterator[Path]:
    """Make the projects, each locked by uv under a name of its own."""
    folder = workspace.folder / "many" / locked.name
    text = (locked / "pyproject.toml").read_text(encoding="utf-8")
    for number in range(LAYERS):
        project = folder / f"projects/{number:02}"
        project.mkdir(parents=True, exist_ok=True)
        (project / "pyproject.toml").write_text(renamed(text, number), encoding="utf-8")
        shutil.copy(locked / "uv.lock", project)
        workspace.lock_folder(project)
    yield folder


def renamed(pyproject: str, number: int) -> str:
    """Return a pyproject.toml with another project's name."""
    return re.sub(r'^name = "(.+)"$', rf'name = "\1-{number:02}"', pyproject, count=1, flags=re.MULTILINE)
