"""The findings: their ids with a level each, and the error that stops a build."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from constructs_lib.core.aws_facts import UNZIPPED_LIMIT
from constructs_lib.core.errors import InspectionError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Level: TypeAlias = Literal["error", "warning", "note"]

# The one list of ids; docs/reference/findings.md explains each, and a test compares both.
ErrorId: TypeAlias = Literal[
    "foreign-bytecode",
    "function-cpu",
    "function-python",
    "function-region",
    "function-too-large",
    "musl",
    "newer-glibc",
    "too-large",
    "wrong-cpu",
    "wrong-extension-abi",
    "wrong-tag",
]
"""Fails in Lambda, so the build stops; those of a function stop its stack's deployment."""

WarningId: TypeAlias = Literal[
    "boto3-pair",
    "foreign-cpu",
    "foreign-musl",
    "function-replaced",
    "function-two-versions",
    "ignored-but-needed",
    "import-failed",
    "nearly-too-large",
    "path-conflict",
    "record-mismatch",
    "runtime-ending",
    "unpinned-requirement",
]
"""May fail in Lambda."""

NoteId: TypeAlias = Literal["ignored-dependency", "runtime-preview", "smoke-test-skipped"]
"""Good to know."""

FindingId: TypeAlias = ErrorId | WarningId | NoteId

_IDS: tuple[tuple[Level, object], ...] = (("error", ErrorId), ("warning", WarningId), ("note", NoteId))
LEVELS: Mapping[str, Level] = {name: level for level, names in _IDS for name in get_args(names)}

MAX_NAMES = 10
"""Names that a text lists of a longer list."""

LIMIT_TEXT = f"250 MiB ({UNZIPPED_LIMIT:_} bytes)".replace("_", " ")
"""AWS's limit for a function with all its layers, unzipped, as every text writes it."""


@dataclass(frozen=True)
class Finding:
    """One finding, of the level that its id has."""

    id: FindingId
    text: str
    """One line: what, where, which value, and the remedy."""

    @property
    def level(self) -> Level:
        """The level of the id."""
        return LEVELS[self.id]


def refuse_errors(findings: Sequence[Finding]) -> Sequence[Finding]:
    """Return the findings if none is an error, else raise an InspectionError with the texts of all errors."""
    errors = [f"{finding.text} [{finding.id}]" for finding in findings if finding.level == "error"]
    if errors:
        raise InspectionError("artifact-unfit", "; ".join(errors))
    return findings


def and_more(names: Sequence[str]) -> str:
    """Return ` (and N more)` for the names after the first; empty for a single name."""
    return f" (and {len(names) - 1} more)" if len(names) > 1 else ""
