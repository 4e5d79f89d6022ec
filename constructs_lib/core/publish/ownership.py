"""Identity and ownership of published artifacts: the removal policy, and the mark in a version's description."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from constructs_lib.core.aws_facts import DESCRIPTION_LENGTH

RemovalPolicy = Literal["retain", "destroy", "retain-except-on-create"]
"""With the last one CloudFormation asks to delete only what a failed operation made."""

_MARK_DIGITS = 16
_DIGITS = rf"([0-9a-f]{{{_MARK_DIGITS}}})"
_MARK = re.compile(rf" \[(?:build:{_DIGITS}(?: owner:{_DIGITS})?|owner:{_DIGITS})\]\Z")


class Mark(NamedTuple):
    """The mark at the end of a version's description, which only Lambda's API can write.

    It comes into being together with the version. So it names the version whatever a crash left out and whatever is
    written to S3. Each field is the beginning of a sha256.
    """

    build: str = ""
    """Of the fingerprint, or, where a build has none, of the zip's sha256; "" before releases that wrote it."""
    owner: str = ""
    """Of the owner, who may delete the version; "" where nobody may."""

    @classmethod
    def of(cls, build: str, owner: str) -> Mark:
        """Shorten a fingerprint and an owner to what a mark has room for."""
        return cls(build[:_MARK_DIGITS], owner_mark(owner))

    @property
    def text(self) -> str:
        """The mark as it stands in a description, with a space before it."""
        parts = [f"{name}:{digits}" for name, digits in zip(self._fields, self, strict=True) if digits]
        return f" [{' '.join(parts)}]" if parts else ""


UNMARKED = Mark()
"""Of a version that was published by hand, or retained by an earlier release."""

MARK_LENGTH = len(Mark("0" * _MARK_DIGITS).text)
"""Characters of the mark of a version that is retained."""

OWNED_MARK_LENGTH = len(Mark("0" * _MARK_DIGITS, "0" * _MARK_DIGITS).text)
"""Characters of the mark of a version that may be deleted."""


def description_limit(removal_policy: RemovalPolicy) -> int:
    """Return how long a user's description may be: the mark shares the field."""
    return DESCRIPTION_LENGTH - (MARK_LENGTH if removal_policy == "retain" else OWNED_MARK_LENGTH)


def earlier_description_limit(removal_policy: RemovalPolicy) -> int:
    """Return how long the description may be in a template of an earlier release, whose marks had no build."""
    return DESCRIPTION_LENGTH - (
        0 if removal_policy == "retain" else len(Mark(owner="0" * _MARK_DIGITS).text)
    )


def recorded_policy(removal_policy: RemovalPolicy) -> Literal["retain", "destroy"]:
    """Return the policy as S3 metadata record it: whether the artifact may be deleted at all."""
    return "retain" if removal_policy == "retain" else "destroy"


def owner_mark(owner: str) -> str:
    """Return the part of an owner that goes into a description."""
    return owner[:_MARK_DIGITS]


def sign_description(description: str, mark: Mark) -> str:
    """Append the mark to the description; without the build where a long description leaves too little room."""
    for text in (mark.text, mark._replace(build="").text):
        if len(description) + len(text) <= DESCRIPTION_LENGTH:
            return description + text
    raise ValueError(f"the description has {len(description)} characters, which leaves no room for {mark}")


def read_description(text: str) -> tuple[str, Mark]:
    """Split a stored description into the user's own text and the mark."""
    match = _MARK.search(text)
    if match is None:
        return text, UNMARKED
    build, owner, owner_alone = match.groups()
    return text[: match.start()], Mark(build or "", owner or owner_alone or "")
