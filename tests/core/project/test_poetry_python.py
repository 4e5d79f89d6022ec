"""Poetry's version ranges, compared with Poetry's own reading."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version
from poetry.core.constraints.version import Version as PoetryVersion
from poetry.core.constraints.version import parse_constraint

from constructs_lib.core.project.poetry_python import poetry_ranges

PYTHONS = [
    f"{major}.{minor}.{patch}" for major in (2, 3, 4) for minor in (0, 7, 10, 11, 12, 14) for patch in (0, 7)
]
RANGES = [
    *(
        "^3.10",
        "^3",
        "^3.10.2",
        "~3.10",
        "~3",
        "~3.10.2",
        "~=3.10",
        "3.11.*",
        "==3.12.*",
        "*",
        ">=3.10,<3.12",
    ),
    *(
        ">=3.10 <3.12",
        ">= 3.10, < 4.0",
        "^3.10 || ^4.0",
        "~3.10|~3.12",
        "!=3.11.*,>=3.10",
        ">=3.10, !=3.11.7",
        "3.11.7",
    ),
    *("=3.11.7", "^0.2", "~0", "^3.10,<3.13", "<4.0,>=3.7", "^3.0.0"),
]


@pytest.mark.parametrize("text", RANGES)
def test_a_range_means_what_poetry_takes_it_for(text: str) -> None:

    wanted = parse_constraint(text)
    ranges = poetry_ranges(text)
    for python in PYTHONS:
        allowed = any(specifiers.contains(Version(python)) for specifiers in ranges)
        assert allowed == wanted.allows(PoetryVersion.parse(python)), (text, python)


@pytest.mark.parametrize("text", ["^x", "three", ">=", "~ ", "^3.10 || nothing"])
def test_nonsense_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        poetry_ranges(text)


@given(text=st.text(st.sampled_from("^~=<>!*|, .0123456789abv"), max_size=12))
def test_any_text_is_ranges_or_a_value_error(text: str) -> None:
    """No other exception, whatever a person writes."""
    with suppress(ValueError):
        assert all(specifiers.contains("3.12.1") in (True, False) for specifiers in poetry_ranges(text))
