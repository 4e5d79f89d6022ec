"""Checks of a whole layer: its size, paths that two wheels bring, files that differ from their RECORD."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.aws_facts import LIMIT_TEXT, UNZIPPED_LIMIT
from constructs_lib.core.inspect.findings import MAX_NAMES, Finding, and_more
from constructs_lib.core.inspect.loadable import distribution_of
from constructs_lib.core.target import LAYER_PLACE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs_lib.core.archive.merge import Conflict
    from constructs_lib.core.inspect.facts import Facts

WARN_AT = 0.8
"""Share of the unzipped limit from which on there is a warning: the function's code needs room, too."""


def check_size(unzipped: Mapping[str, int], noun: str = LAYER_PLACE.noun) -> list[Finding]:
    """Compare the unzipped bytes of all distributions, by name, with Lambda's limit; `noun` is the artifact's kind."""
    total = sum(unzipped.values())
    if total <= WARN_AT * UNZIPPED_LIMIT:
        return []
    largest = sorted(unzipped.items(), key=lambda row: (-row[1], row[0]))[:MAX_NAMES]
    names = ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in largest)
    exact = f"{total:_}".replace("_", " ")
    share = (
        f"the {noun} has {total / 1e6:.1f} MB ({exact} bytes) unzipped of the {LIMIT_TEXT} that a function and all "
        f"its layers may have"
    )
    if total > UNZIPPED_LIMIT:
        return [Finding("too-large", f"{share}; leave out one of the largest: {names}")]
    return [Finding("nearly-too-large", f"{share}; consider leaving out one of the largest: {names}")]


def check_conflicts(conflicts: Sequence[Conflict], noun: str = LAYER_PLACE.noun) -> list[Finding]:
    """Return one finding for each pair of wheels that bring the same paths."""
    paths: dict[tuple[str, str], list[str]] = {}
    for conflict in conflicts:
        paths.setdefault((conflict.kept, conflict.dropped), []).append(conflict.path)
    return [
        Finding(
            "path-conflict",
            f"{kept} and {dropped} both bring {names[0]}{and_more(names)} with different content; the {noun} holds "
            f"that of {kept}: leave out one of the two, or rename the file in its project",
        )
        for (kept, dropped), names in paths.items()
    ]


def check_records(facts: Mapping[str, Facts]) -> list[Finding]:
    """Return a finding for each wheel whose files differ from its RECORD; `facts` by the wheel's file name."""
    return [
        Finding(
            "record-mismatch",
            f"{origin}: {fact.record.files} of its files are not as its RECORD lists them, first {fact.record.first}; "
            f"it was changed after it was built: compare it with its release, or lock another version",
            distribution_of(origin),
        )
        for origin, fact in facts.items()
        if fact.record is not None
    ]
