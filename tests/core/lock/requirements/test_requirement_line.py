"""How a requirement is written for uv, and what pins it."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from constructs_lib.core.lock.requirements.requirement_line import FileLine, IndexLine, UrlLine, VcsLine

NAME, NO_EXTRAS = canonicalize_name("x"), frozenset[str]()
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("specifier", "is_pinned"),
    [("==1.0", True), ("===1.0", True), ("==1.0,>0.9", True), ("", False), (">=1", False), ("==1.*", False)],
)
def test_pinned_means_one_version(specifier: str, is_pinned: bool) -> None:
    """Only `==` and `===` without a star."""
    line = IndexLine("r:1", NAME, NO_EXTRAS, None, frozenset(), SpecifierSet(specifier))
    assert line.is_pinned is is_pinned
    assert str(line) == f"x{SpecifierSet(specifier)}"


def test_extras_are_sorted() -> None:
    """One order, so that the answer for the same file is remembered."""
    line = IndexLine("r:1", NAME, frozenset("cab"), None, frozenset(), SpecifierSet("==1"))
    assert str(line) == "x[a,b,c]==1"


def test_a_place_has_its_name_in_front_or_its_extras_behind() -> None:
    """As uv reads both; a space would end an address."""
    path = Path("/a b/x")
    assert (
        str(FileLine("r:1", NAME, frozenset("e"), None, frozenset(), path, True)) == "x[e] @ file:///a%20b/x"
    )
    assert str(FileLine("r:1", None, frozenset("e"), None, frozenset(), path, True)) == "file:///a%20b/x[e]"
    url = UrlLine("r:1", NAME, NO_EXTRAS, None, frozenset(), "https://h.example/m.zip", "pkg")
    assert str(url) == "x @ https://h.example/m.zip#subdirectory=pkg"
    assert url.is_pinned


def test_a_commit_pins_version_control() -> None:
    """A branch or a tag may move."""

    def git(revision: str) -> VcsLine:
        return VcsLine("r:1", NAME, NO_EXTRAS, None, frozenset(), f"git+https://h.example/r.git{revision}")

    assert git(f"@{COMMIT}").is_pinned
    assert not git("@main").is_pinned
    assert not git("").is_pinned
    assert str(git("@main")) == "x @ git+https://h.example/r.git@main"
