"""Patterns of `.gitignore`: what is refused of an option, and passed over in a file."""

from __future__ import annotations

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.project.ignore_patterns import parse_patterns, read_patterns

INVALID = ["!", "\\", "a\\", "[z-a]", "[", "foo[", "/"]


@pytest.mark.parametrize("pattern", INVALID)
def test_a_pattern_that_is_none_is_refused_with_its_option(pattern: str) -> None:
    """Also one of which pathspec makes a comment, so that nothing would be left out and nobody would know."""
    with pytest.raises(ProjectError) as caught:
        parse_patterns("exclude_files", ["tests/", pattern, "!"])
    assert caught.value.id == "pattern-invalid"
    assert str(caught.value).startswith(
        f"exclude_files has {pattern!r}, which is no valid pattern of .gitignore"
    )


def test_empty_lines_and_comments_are_allowed() -> None:
    """The patterns may be the lines of a file."""
    spec = parse_patterns("exclude_files", ["# tests", "", "  ", "tests/", "!tests/a.py"])
    assert spec.match_file("cart/tests/b.py")
    assert not spec.match_file("cart.py")


def test_a_long_pattern_is_shown_in_part() -> None:
    with pytest.raises(ProjectError) as caught:
        parse_patterns("include", ["x" * 1000 + "["])
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("line", INVALID)
def test_an_invalid_line_of_a_file_matches_nothing(line: str) -> None:
    """Git reads such a file too; the other lines count."""
    spec = read_patterns([line, "*.log"])
    assert spec.match_file("a.log")
    assert not spec.match_file("a.py")
