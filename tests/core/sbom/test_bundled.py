"""The values for software inside a wheel."""

from __future__ import annotations

from constructs_lib.core.sbom.bundled import NOTHING, Bundled, Component


def test_values_can_be_compared_and_hashed() -> None:
    """An artifact holds them, and is a plain value itself."""
    one, other = (Bundled((Component("a", needs=()),), (0,)) for _ in range(2))
    assert one == other
    assert len({one, other, NOTHING}) == 2


def test_unknown_needs_are_not_the_same_as_none() -> None:
    assert Component("a") != Component("a", needs=())
