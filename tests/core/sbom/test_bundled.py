"""The values for software inside a wheel."""

from __future__ import annotations

from constructs_lib.core.sbom.bundled import NOTHING, Bundled, Component, without_files


def test_values_can_be_compared_and_hashed() -> None:
    """An artifact holds them, and is a plain value itself."""
    one, other = (Bundled((Component("a", needs=()),), (0,)) for _ in range(2))
    assert one == other
    assert len({one, other, NOTHING}) == 2


def test_unknown_needs_are_not_the_same_as_none() -> None:
    assert Component("a") != Component("a", needs=())


def test_without_a_file_the_others_keep_what_they_need() -> None:
    """Places stand for components, so they move; a component of a document has no file."""
    crate, dropped, library = (
        Component("crate", needs=(1, 2)),
        Component("a", file="demo.libs/a.so"),
        Component("b", file="demo.libs/b.so"),
    )
    bundled = Bundled((crate, dropped, library), (0, 1, 2))
    assert without_files(bundled, {"demo.libs/a.so", ""}) == Bundled(
        (crate._replace(needs=(1,)), library), (0, 1)
    )
    assert without_files(bundled, {"demo/b.so"}) == bundled
