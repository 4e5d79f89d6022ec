from __future__ import annotations

import hashlib
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.aws_facts import DESCRIPTION_LENGTH
from constructs_lib.core.publish.ownership import (
    MARK_LENGTH,
    OWNED_MARK_LENGTH,
    UNMARKED,
    Mark,
    RemovalPolicy,
    description_limit,
    earlier_description_limit,
    read_description,
    recorded_policy,
    sign_description,
)
from tests.support.aws.world import OWNER

BUILD = hashlib.sha256(b"inputs").hexdigest()
MARKS = [UNMARKED, Mark.of(BUILD, ""), Mark.of("", OWNER), Mark.of(BUILD, OWNER)]


@given(st.text(max_size=DESCRIPTION_LENGTH - OWNED_MARK_LENGTH), st.sampled_from(MARKS[1:]))
def test_a_signed_description_gives_both_parts_back(description: str, mark: Mark) -> None:
    """The user's own text never changes, whatever it looks like, and the mark has the promised length."""
    signed = sign_description(description, mark)
    assert len(signed) == len(description) + len(mark.text)
    assert read_description(signed) == (description, mark)
    assert read_description(sign_description(signed, mark)) == (signed, mark)


@pytest.mark.parametrize(
    "text",
    ["Deps", "Deps [owner:nobody]", f"x [build:{'a' * 16}owner:{'a' * 16}]", f"x [build:{'a' * 16}]\n"],
)
def test_what_is_no_mark_is_text(text: str) -> None:
    assert read_description(text) == (text, UNMARKED)
    assert sign_description(text, UNMARKED) == text


def test_the_mark_of_an_earlier_release_is_read() -> None:
    """It named the owner alone."""
    assert read_description(f"Deps [owner:{'a' * 16}]") == ("Deps", Mark(owner="a" * 16))


@pytest.mark.parametrize("removal_policy", get_args(RemovalPolicy))
def test_the_longest_description_fits_together_with_its_mark(removal_policy: RemovalPolicy) -> None:
    """A version that may be deleted names its owner too."""
    mark = Mark.of(BUILD, "" if removal_policy == "retain" else OWNER)
    assert len(mark.text) == (MARK_LENGTH if removal_policy == "retain" else OWNED_MARK_LENGTH)
    signed = sign_description("d" * description_limit(removal_policy), mark)
    assert len(signed) == DESCRIPTION_LENGTH
    assert read_description(signed)[1] == mark


@pytest.mark.parametrize("removal_policy", get_args(RemovalPolicy))
def test_a_description_of_an_earlier_release_keeps_the_owner(removal_policy: RemovalPolicy) -> None:
    """A rollback brings it back; there is no room for the build then, and the owner stays."""
    mark = Mark.of(BUILD, "" if removal_policy == "retain" else OWNER)
    signed = sign_description("d" * earlier_description_limit(removal_policy), mark)
    assert len(signed) == DESCRIPTION_LENGTH
    assert read_description(signed)[1] == mark._replace(build="")


def test_a_description_without_any_room_is_refused() -> None:
    """A version that may be deleted is never published without its owner."""
    with pytest.raises(ValueError, match="leaves no room"):
        sign_description("d" * DESCRIPTION_LENGTH, Mark.of(BUILD, OWNER))


def test_a_record_knows_two_policies() -> None:
    """Whether CloudFormation may ask for a deletion at all, now or only after a failed operation."""
    assert [recorded_policy(policy) for policy in get_args(RemovalPolicy)] == ["retain", "destroy", "destroy"]
