"""What a measurement is made of: who is measured, where it works, what it starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PYTHON_VERSION = "3.12"
"""What the workloads are locked for."""


@dataclass(frozen=True)
class Place:
    """Where one contender works on one workload, and with what."""

    project: Path
    """Its own copy of the locked project."""
    requirements: Path
    """What is locked, as pip reads it; outside the project, where it would be a second manifest."""
    python: str
    """The interpreter of its own environment."""
    interpreter: str
    """The interpreter that the environments were made from."""
    store: Path
    """Wheel stores of ours: `full`, and those that are emptied."""
    machine: str
    """`x86_64` or `aarch64`."""


@dataclass(frozen=True)
class Command:
    """What is timed, and what has to be so before."""

    argv: list[str]
    archive: Path | None = None
    fresh: tuple[Path, ...] = ()
    """What a build leaves: removed before each first run, outside the timing, and kept for the second."""
    env: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    """Written into the project before anything runs: name and text."""
    prepare: list[str] | None = None
    """Run once before anything is timed."""
    warm_up: list[str] | None = None
    """Fills the same caches in less time; None: `argv` itself."""
    second: list[str] | None = None
    """The second run, where the tool has a switch for it; it is then run once untimed before. None: `argv`."""


@dataclass(frozen=True)
class Contender:
    """One row for each workload."""

    name: str
    what: str
    command: Callable[[Place], Command]
    packages: str
    """Its own environment: `ours`, `cdk`, or a file of pinned requirements in `tools`."""
    needs: tuple[str, ...] = ()
    """Programs on PATH."""
    needs_interpreter: bool = False
    """It installs for the interpreter it finds, so that has to be Python 3.12."""
    needs_image: bool = False
    """It builds in Docker, in the SAM build image."""
    has_second: bool = True
    """Whether a second run without any change says something new."""


@dataclass(frozen=True)
class Section:
    """One table and one plot."""

    name: str
    title: str
    contenders: tuple[Contender, ...]
    baseline: str
    """The contender that the others are compared with."""
    workloads: tuple[str, ...] = ("W1", "W2", "W3")
    difference: bool = False
    """Compared by seconds more than the baseline instead of by ratio."""
    zipped: str = ""
    """The contender whose archive the others' are compared with."""


def architecture(machine: str) -> str:
    """Lambda's name of the machine: some peers build for the machine they run on."""
    return {"aarch64": "arm64"}.get(machine, machine)
