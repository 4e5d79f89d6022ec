"""The syntax of a prefix."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.layout import PREFIX_LENGTH
from constructs_lib.core.publish.prefix import parse_artifact_folder, prefix_fault, prefixes_collide

_PARTS = st.text(st.sampled_from("ab./-_ *?${}\\u00fc\n"), max_size=8)


@given(_PARTS, _PARTS)
def test_a_policy_for_one_prefix_is_for_no_other(one: str, other: str) -> None:
    """IAM matches a resource as a pattern: two accepted prefixes that are apart never match each other's keys."""
    if prefix_fault(one) or prefix_fault(other):
        return
    matches = fnmatchcase(f"{other}/layer/layer.zip", f"{one}/*")
    assert matches == (other == one or other.startswith(f"{one}/"))
    assert prefixes_collide(one, other) == (matches or fnmatchcase(f"{one}/x", f"{other}/*"))


@given(st.text(max_size=PREFIX_LENGTH + 5))
def test_an_accepted_prefix_has_one_spelling_and_a_known_size(prefix: str) -> None:
    """Its bytes are its characters, and each of its parts is a folder."""
    if not prefix_fault(prefix):
        assert len(prefix.encode()) == len(prefix) <= PREFIX_LENGTH
        assert not {"", ".", ".."} & set(prefix.split("/"))


@pytest.mark.parametrize(
    "prefix", ["lambda/deps", "a", "team-1/deps_2/v1.0", "a b/c+d=e,f:g@h!i(j)'k~", "x" * 700]
)
def test_ordinary_prefixes_are_accepted(prefix: str) -> None:
    assert prefix_fault(prefix) == ""
    assert parse_artifact_folder(f"s3://bucket/{prefix}/").key == prefix


@pytest.mark.parametrize(
    ("uri", "fault"),
    [
        ("s3://bucket", "the prefix is empty"),
        ("s3://bucket/", "the prefix is empty"),
        ("bucket/deps", "is not an S3 location"),
        ("s3://bucket/a//b", "a part that is empty"),
        ("s3://user:word@bucket/a", "the bucket has '@', which no bucket's name has"),
        ("s3://bucket/" + "x" * 701, "has 701 characters, 700 are allowed"),
    ],
)
def test_an_address_without_a_folder_is_refused(uri: str, fault: str) -> None:
    """The root of a bucket belongs to no artifact alone."""
    with pytest.raises(PublishError, match=fault):
        parse_artifact_folder(uri)
