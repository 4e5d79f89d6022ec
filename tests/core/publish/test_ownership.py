from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.aws_facts import DESCRIPTION_LENGTH
from constructs_lib.core.publish.ownership import (
    OWNER_MARK_LENGTH,
    RemovalPolicy,
    description_limit,
    owner_mark,
    read_description,
    recorded_policy,
    sign_description,
)
from tests.support.aws.world import OWNER


@given(st.text(max_size=231))
def test_a_signed_description_gives_both_parts_back(description: str) -> None:
    """The user's own text never changes, and the mark fits into the promised length."""
    mark = owner_mark(OWNER)
    signed = sign_description(description, mark)
    assert len(signed) == len(description) + OWNER_MARK_LENGTH
    assert read_description(signed) == (description, mark)


def test_an_unsigned_description_has_no_mark() -> None:
    """Retained versions carry the user's text alone."""
    assert read_description(sign_description("Deps", "")) == ("Deps", "")
    assert read_description("Deps [owner:nobody]") == ("Deps [owner:nobody]", "")


@pytest.mark.parametrize("removal_policy", get_args(RemovalPolicy))
def test_the_longest_description_fits_together_with_its_mark(removal_policy: RemovalPolicy) -> None:
    """Only a version that may be deleted carries a mark."""
    mark = "" if removal_policy == "retain" else owner_mark(OWNER)
    signed = sign_description("d" * description_limit(removal_policy), mark)
    assert len(signed) == DESCRIPTION_LENGTH


def test_a_record_knows_two_policies() -> None:
    """Whether CloudFormation may ask for a deletion at all, now or only after a failed operation."""
    assert [recorded_policy(policy) for policy in get_args(RemovalPolicy)] == ["retain", "destroy", "destroy"]
