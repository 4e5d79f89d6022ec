"""What was found: its name, how bad it is, and the words for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from constructs_lib.core.errors import InspectionError

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMED = 10
"""How many of a long list a text names."""


@dataclass(frozen=True)
class Finding:
    """One thing found: an error would fail in Lambda and stops the build, a warning may, a note is good to know.

    `docs/reference/findings.md` explains each.
    """

    id: Literal[
        "wrong-cpu",
        "foreign-cpu",
        "newer-glibc",
        "musl",
        "foreign-musl",
        "wrong-extension-abi",
        "foreign-bytecode",
        "wrong-tag",
        "too-large",
        "nearly-too-large",
        "path-conflict",
        "record-mismatch",
        "unpinned-requirement",
        "boto3-pair",
        "ignored-but-needed",
        "ignored-dependency",
        "import-failed",
        "smoke-test-skipped",
    ]
    level: Literal["error", "warning", "note"]
    text: str
    """One line: what, where, and the remedy."""


def refuse_errors(findings: Sequence[Finding]) -> Sequence[Finding]:
    """The same findings; an InspectionError with the words of all errors, where there are any."""
    errors = [finding.text for finding in findings if finding.level == "error"]
    if errors:
        raise InspectionError("; ".join(errors))
    return findings


def more(names: Sequence[str]) -> str:
    """What follows the first name of several."""
    return f" (and {len(names) - 1} more)" if len(names) > 1 else ""
