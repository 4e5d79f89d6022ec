"""Ownership of published artifacts: the removal policy, and the owner's mark in a version's description."""

from __future__ import annotations

import re
from typing import Literal

from constructs_lib.core.aws_facts import DESCRIPTION_LENGTH

RemovalPolicy = Literal["retain", "destroy", "retain-except-on-create"]
"""With the last one CloudFormation asks to delete only what a failed operation made."""

OWNER_MARK_LENGTH = 25
"""Characters of the owner's mark in the description of a version that may be deleted."""

_MARK_DIGITS = 16
_OWNER_MARK = re.compile(rf" \[owner:([0-9a-f]{{{_MARK_DIGITS}}})\]$")


def description_limit(removal_policy: RemovalPolicy) -> int:
    """Return how long a user's description may be: the owner's mark shares the field where deletion is allowed."""
    return DESCRIPTION_LENGTH - (0 if removal_policy == "retain" else OWNER_MARK_LENGTH)


def recorded_policy(removal_policy: RemovalPolicy) -> Literal["retain", "destroy"]:
    """Return the policy as S3 metadata record it: whether the artifact may be deleted at all."""
    return "retain" if removal_policy == "retain" else "destroy"


def owner_mark(owner: str) -> str:
    """Return the part of an owner that goes into a description."""
    return owner[:_MARK_DIGITS]


def sign_description(description: str, mark: str) -> str:
    """Append the owner's mark to the description.

    The mark comes into being together with the version, so a version whose record was never written (a crash, or a
    record under another prefix) still names its owner.
    """
    return f"{description} [owner:{mark}]" if mark else description


def read_description(text: str) -> tuple[str, str]:
    """Split a stored description into the user's own text and the mark ("" without one)."""
    match = _OWNER_MARK.search(text)
    return (text[: match.start()], match[1]) if match else (text, "")
