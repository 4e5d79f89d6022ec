"""The values of a measurement: contenders, their folders and their commands."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tools.bench.workspace import Workspace

PYTHON_VERSION = "3.12"
"""The Python that the workloads are locked for."""


@dataclass(frozen=True)
class Place:
    """The folder and the tools of one contender on one workload."""

    project: Path
    """The contender's copy of the locked project."""
    requirements: Path
    """The locked packages in pip's format; not in the project, where it would be a second manifest."""
    python: str
    """The interpreter of the contender's environment."""
    interpreter: str
    """The interpreter that the environments were made from."""
    store: Path
    """The folder of our wheel stores: `full`, and those that are emptied before a run."""
    machine: str
    """`x86_64` or `aarch64`."""


@dataclass(frozen=True)
class Command:
    """The command that is timed, and its preparation."""

    argv: list[str]
    archive: Path | None = None
    fresh: tuple[Path, ...] = ()
    """Results of a build: removed before each first run, outside the timing, and kept for the second."""
    env: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    """Written into the project before anything runs: name and text."""
    prepare: list[str] | None = None
    """Run once before anything is timed."""
    warm_up: list[str] | None = None
    """Fills the same caches in less time; None: `argv` itself."""
    second: list[str] | None = None
    """The second run of a tool that has a switch for it, after an untimed run of the same. None: `argv`."""


@dataclass(frozen=True)
class Contender:
    """A tool or route that is measured: one row for each workload."""

    name: str
    description: str
    command: Callable[[Place], Command]
    packages: str
    """The name of its environment: `ours`, `cdk`, or a file of pinned requirements beside this module."""
    needs: tuple[str, ...] = ()
    """Programs on PATH."""
    needs_interpreter: bool = False
    """True if it installs for the interpreter that runs it, which must be Python 3.12."""
    needs_image: bool = False
    """True if it builds in Docker, in the SAM build image."""
    has_second: bool = True
    """True if a second run without any change differs from the first."""


@contextmanager
def as_locked(_workspace: Workspace, locked: Path) -> Iterator[Path]:
    """Give each contender the locked workload as it is."""
    yield locked


@dataclass(frozen=True)
class Section:
    """One table and one plot."""

    name: str
    title: str
    contenders: tuple[Contender, ...]
    baseline: str
    """The contender for the column of ratios."""
    workloads: tuple[str, ...] = ("W1", "W2", "W3")
    difference: bool = False
    """True to compare by seconds more than the baseline instead of by ratio."""
    further: int = 0
    """The number of layers beyond the first, to compare by seconds for each of them; 0: not compared so."""
    zipped: str = ""
    """The contender for the column of archive sizes."""
    part: str = ""
    """The name for `--only`; empty: that of the workload."""
    pictured: tuple[str, ...] = ()
    """The contenders in the plot; empty: all."""
    max_seconds: float = inf
    """Seconds after which a contender runs no more rounds."""
    material: Callable[[Workspace, Path], AbstractContextManager[Path]] = as_locked
    """Makes the folder that contenders get a copy of, from the locked workload, and holds it while they run."""


def architecture(machine: str) -> str:
    """Return Lambda's name of the machine: some peers build for the machine they run on."""
    return {"aarch64": "arm64"}.get(machine, machine)
