"""Findings that the user has accepted, each by its id and the one distribution that it concerns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, get_args

from packaging.utils import canonicalize_name

from constructs_lib.core.archive.entry import quoted
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.inspect.findings import Finding, IdOfOneDistribution

if TYPE_CHECKING:
    from collections.abc import Sequence

_IDS = frozenset(get_args(IdOfOneDistribution))


class Acknowledgement(NamedTuple):
    """An accepted finding."""

    id: str
    distribution: str
    """Normalized (PEP 503)."""

    def __str__(self) -> str:
        return f"{self.id}:{self.distribution}"


def parse_acknowledgements(values: Sequence[str]) -> tuple[Acknowledgement, ...]:
    """Parse `id:distribution` texts; raise a ProjectError for another form, and for an id that cannot be accepted."""
    if isinstance(values, str):
        raise _invalid(values)
    acknowledgements = []
    for value in values:
        finding_id, colon, name = value.partition(":")
        if not colon or not name.strip():
            raise _invalid(value)
        if finding_id not in _IDS:
            raise ProjectError(
                "acknowledge-invalid",
                f"acknowledge has {quoted(finding_id)}, which is no finding about one distribution; these are: "
                f"{', '.join(sorted(_IDS))}",
            )
        acknowledgements.append(Acknowledgement(finding_id, _normalized(name.strip(), value)))
    return tuple(acknowledgements)


def _normalized(name: str, value: str) -> str:
    try:
        return canonicalize_name(name, validate=True)
    except ValueError:
        raise ProjectError(
            "acknowledge-invalid",
            f"acknowledge has {quoted(value)}, and {quoted(name)} is no name of a distribution: write the name as "
            f"the finding has it",
        ) from None


def _invalid(value: str) -> ProjectError:
    return ProjectError(
        "acknowledge-invalid",
        f"acknowledge has {quoted(value)}: it must be a list of texts id:distribution, for example foreign-cpu:selenium",
    )


def acknowledge(findings: Sequence[Finding], accepted: Sequence[Acknowledgement]) -> list[Finding]:
    """Return the findings, the accepted ones as notes that show it."""
    return [
        replace(finding, text=f"acknowledged: {finding.text} [{finding.id}]", acknowledged=True)
        if not finding.acknowledged and Acknowledgement(finding.id, finding.distribution) in accepted
        else finding
        for finding in findings
    ]


def find_unused(findings: Sequence[Finding], accepted: Sequence[Acknowledgement]) -> list[Finding]:
    """Return a note for each acknowledgement that no finding has."""
    used = {(finding.id, finding.distribution) for finding in findings if finding.acknowledged}
    return [
        Finding(
            "acknowledgement-unused",
            f"acknowledge has {text}, but this build has no such finding: take it out",
        )
        for text in dict.fromkeys(str(row) for row in accepted if tuple(row) not in used)
    ]
