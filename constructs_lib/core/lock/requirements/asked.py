"""The part of a requirements file that holds on one target: its lines, hashes and pins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import AllowedHashes
from constructs_lib.core.lock.requirements.requirement_line import FileLine, VcsLine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from constructs_lib.core.lock.requirements.requirement_line import RequirementLine
    from constructs_lib.core.lock.requirements.requirements_txt import RequirementsTxt
    from constructs_lib.core.target import Target


@dataclass(frozen=True)
class Asked:
    """The lines of a file whose markers hold."""

    requirements: tuple[RequirementLine, ...]
    constraints: tuple[RequirementLine, ...]
    is_hashed: bool
    """True in pip's hash-checking mode: each distribution is named with its hashes, and nothing else is installed."""

    def lines_of(self, name: str) -> list[RequirementLine]:
        """Return the requirements and constraints of a name."""
        return [line for line in (*self.requirements, *self.constraints) if line.name == name]

    def is_pinned(self, name: str) -> bool:
        """Return whether one version of a distribution is allowed, by its lines or its constraints."""
        return any(line.is_pinned for line in self.lines_of(name))


def asked_for(document: RequirementsTxt, target: Target, root: Path) -> Asked:
    """Choose the lines that hold on `target`, and refuse those that hash-checking does not allow.

    The project in `root` itself needs no hash: it is in no layer of its own.
    """
    asked = Asked(
        tuple(line for line in document.requirements if _holds(line, target)),
        tuple(line for line in document.constraints if _holds(line, target)),
        bool(document.hashes_asked),
    )
    for line in asked.requirements if asked.is_hashed else ():
        if not (isinstance(line, FileLine) and line.path == root):
            _refuse_unhashed(line, asked, document.hashes_asked)
    for name in sorted({line.name for line in asked.requirements if line.name}):
        allowed_hashes(asked.lines_of(name))
    return asked


def allowed_hashes(lines: Sequence[RequirementLine]) -> AllowedHashes | None:
    """Return the hashes that all lines of one distribution allow, or None where none of them names any."""
    hashed = [line for line in lines if line.hashes]
    if not hashed:
        return None
    common = hashed[0].hashes.intersection(*(line.hashes for line in hashed[1:]))
    if not common:
        places = " and ".join(sorted({line.where for line in hashed}))
        raise ProjectError(
            "hash-missing",
            f"{places}: the lines of {hashed[0].label} have no sha256 in common: keep one of them, or export the file "
            f"again",
        )
    return AllowedHashes(hashed[0].where, common)


def _holds(line: RequirementLine, target: Target) -> bool:
    if line.marker is None:
        return True
    environment = cast("dict[str, str]", {**target.environment, "extra": ""})
    try:
        return line.marker.evaluate(environment)
    except (UndefinedComparison, UndefinedEnvironmentName, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ProjectError(
            "requirements-invalid",
            f"{line.where}: the marker of {line.label} cannot be evaluated ({reason}): correct the line",
        ) from None


def _refuse_unhashed(line: RequirementLine, asked: Asked, where_asked: str) -> None:
    mode = f"{where_asked} asks for hashes, so"
    if isinstance(line, VcsLine) or (isinstance(line, FileLine) and line.is_folder):
        raise ProjectError(
            "hash-missing",
            f"{line.where}: {line.label} is a folder or comes from version control, which has no sha256; {mode} pip "
            f"installs none: leave it out ('uv export --no-emit-project', '--no-emit-local'), or export without hashes",
        )
    lines = asked.lines_of(line.name) if line.name else [line]
    if not any(entry.hashes for entry in (line, *lines)):
        raise ProjectError(
            "hash-missing",
            f"{line.where}: {line.label} has no sha256 hash; {mode} every line needs one: export the file again with "
            f"hashes",
        )
    if not any(entry.is_pinned for entry in lines or [line]):
        raise ProjectError(
            "hash-missing",
            f"{line.where}: {line.label} is not pinned to one version; {mode} every line needs ==: export the file again "
            f"with hashes",
        )
