"""What a layer holds: its size, and files that are not what they should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.aws_facts import UNZIPPED_LIMIT
from constructs_lib.core.inspect.findings import NAMED, Finding, more

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs_lib.core.archive.merge import Conflict
    from constructs_lib.core.inspect.facts import Facts

WARN_AT = 0.8
"""Share of the unzipped limit from which on a warning is given: the function's code needs room too."""


def check_size(unzipped: Mapping[str, int]) -> list[Finding]:
    """The unzipped bytes, by distribution, against what Lambda takes."""
    total = sum(unzipped.values())
    if total <= WARN_AT * UNZIPPED_LIMIT:
        return []
    biggest = sorted(unzipped.items(), key=lambda row: (-row[1], row[0]))[:NAMED]
    named = ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in biggest)
    share = f"{total:,} bytes unzipped of the {UNZIPPED_LIMIT:,} that a function and all its layers may have"
    if total > UNZIPPED_LIMIT:
        return [Finding("too-large", "error", f"{share}; the biggest are {named}")]
    return [Finding("nearly-too-large", "warning", f"{share}: little room is left; the biggest are {named}")]


def check_conflicts(conflicts: Sequence[Conflict]) -> list[Finding]:
    """One finding for each pair of wheels that bring the same paths."""
    paths: dict[tuple[str, str], list[str]] = {}
    for conflict in conflicts:
        paths.setdefault((conflict.kept, conflict.dropped), []).append(conflict.path)
    return [
        Finding(
            "path-conflict",
            "warning",
            f"{kept} and {dropped} both bring {names[0]}{more(names)} with different content; the layer holds "
            f"that of {kept}",
        )
        for (kept, dropped), names in paths.items()
    ]


def check_records(facts: Mapping[str, Facts]) -> list[Finding]:
    """Wheels whose files are not those of their RECORD; `facts` by the wheel's file name."""
    return [
        Finding(
            "record-mismatch",
            "warning",
            f"{origin}: {fact.record.files} of its files are not as its RECORD lists them, first {fact.record.first}; "
            f"it was changed after it was built, compare it with its release or lock another",
        )
        for origin, fact in facts.items()
        if fact.record is not None
    ]
