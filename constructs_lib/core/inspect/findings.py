"""The findings: their ids with a level each, and the error that stops a build."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from constructs_lib.core.errors import InspectionError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Level: TypeAlias = Literal["error", "warning", "note"]

# The one list of ids; docs/reference/findings.md explains each, and a test compares both.
ErrorId: TypeAlias = Literal[
    "exclude-files-breaks",
    "exclude-files-empties",
    "foreign-bytecode",
    "function-cpu",
    "function-python",
    "function-region",
    "function-too-large",
    "musl",
    "newer-glibc",
    "project-conflict",
    "too-large",
    "wrong-cpu",
    "wrong-extension-abi",
    "wrong-tag",
]
"""Fails in Lambda, so the build stops; those of a function stop its stack's deployment."""

WarningId: TypeAlias = Literal[
    "boto3-pair",
    "foreign-cpu",
    "foreign-glibc",
    "foreign-module",
    "foreign-musl",
    "function-replaced",
    "function-two-versions",
    "ignored-but-needed",
    "import-failed",
    "missing-dependency",
    "nearly-too-large",
    "path-conflict",
    "python-excluded",
    "record-mismatch",
    "runs-at-start",
    "runtime-ending",
    "unpinned-requirement",
    "unreadable-library",
]
"""May fail in Lambda."""

NoteId: TypeAlias = Literal[
    "acknowledgement-unused",
    "exclude-files-unused",
    "extends-package",
    "ignored-dependency",
    "ignored-files",
    "path-file",
    "project-left-out",
    "runtime-preview",
    "sbom-not-merged",
    "secret-files",
    "smoke-test-skipped",
]
"""Good to know."""

FindingId: TypeAlias = ErrorId | WarningId | NoteId

IdOfOneDistribution: TypeAlias = Literal[
    "exclude-files-breaks",
    "exclude-files-empties",
    "extends-package",
    "foreign-bytecode",
    "foreign-cpu",
    "foreign-glibc",
    "foreign-module",
    "foreign-musl",
    "ignored-but-needed",
    "ignored-dependency",
    "musl",
    "newer-glibc",
    "path-file",
    "python-excluded",
    "record-mismatch",
    "runs-at-start",
    "sbom-not-merged",
    "unreadable-library",
    "wrong-cpu",
    "wrong-extension-abi",
]
"""Concerns one distribution, for which a user can acknowledge it."""

_IDS: tuple[tuple[Level, object], ...] = (("error", ErrorId), ("warning", WarningId), ("note", NoteId))
LEVELS: Mapping[str, Level] = {name: level for level, names in _IDS for name in get_args(names)}

MAX_NAMES = 10
"""Names that a text lists of a longer list."""


@dataclass(frozen=True)
class Finding:
    """One finding, of the level that its id has."""

    id: FindingId
    text: str
    """One line: what, where, which value, and the remedy."""
    distribution: str = ""
    """The normalized name of the one distribution that it concerns; empty for one that concerns the whole layer."""
    acknowledged: bool = False
    """Whether the user has accepted it."""

    @property
    def level(self) -> Level:
        """The level of the id; an acknowledged finding is a note."""
        return "note" if self.acknowledged else LEVELS[self.id]


def refuse_errors(findings: Sequence[Finding]) -> Sequence[Finding]:
    """Return the findings if none is an error, else raise an InspectionError with the texts of all errors."""
    errors = [f"{finding.text} [{finding.id}]" for finding in findings if finding.level == "error"]
    if errors:
        raise InspectionError("artifact-unfit", "; ".join(errors))
    return findings


def and_more(names: Sequence[str]) -> str:
    """Return ` (and N more)` for the names after the first; empty for a single name."""
    return f" (and {len(names) - 1} more)" if len(names) > 1 else ""
