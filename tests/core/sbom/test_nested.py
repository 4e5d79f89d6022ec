"""Components inside a distribution, as rows of the document."""

from __future__ import annotations

from constructs_lib.core.sbom.bundled import Bundled, Component, Unmerged
from constructs_lib.core.sbom.nested import Nested, unmerged_references


def test_every_value_has_its_key() -> None:
    """Absent ones have none."""
    full = Component(
        "zlib",
        "1",
        "g",
        "framework",
        "pkg:generic/zlib@1",
        "cpe:/a:zlib:zlib",
        "optional",
        "text",
        "",
        (("id", "Zlib"), ("name", "Ours")),
        (("MD5", "00"),),
        (("vcs", "https://git.example"),),
    )
    assert Nested("p", Bundled((full, Component("a", expression="MIT")))).components() == [
        {"bom-ref": "p#a@", "type": "library", "name": "a", "licenses": [{"expression": "MIT"}]},
        {
            "bom-ref": "p#pkg:generic/zlib@1",
            "type": "framework",
            "name": "zlib",
            "version": "1",
            "group": "g",
            "purl": "pkg:generic/zlib@1",
            "cpe": "cpe:/a:zlib:zlib",
            "scope": "optional",
            "description": "text",
            "licenses": [{"license": {"id": "Zlib"}}, {"license": {"name": "Ours"}}],
            "hashes": [{"alg": "MD5", "content": "00"}],
            "externalReferences": [{"type": "vcs", "url": "https://git.example"}],
        },
    ]


def test_references_are_unique_and_the_graph_uses_them() -> None:
    bundled = Bundled(
        (Component("a", needs=(1,)), Component("a", group="g", needs=()), Component("a@#2")), (0, 1)
    )
    nested = Nested("p", bundled)
    assert [row["bom-ref"] for row in nested.components()] == ["p#a@", "p#a@#2", "p#a@#2@"]
    assert nested.needed() == ["p#a@", "p#a@#2"]
    assert nested.dependencies() == {"p#a@": ["p#a@#2"], "p#a@#2": []}


def test_long_names_have_short_references() -> None:
    """A graph repeats them. They are unique, and stay so where another component has the number in its name."""
    long = "x" * 300
    bundled = Bundled(
        (Component(long), Component("x" * 200 + "#2"), Component(long, "1"), Component(long, "2"))
    )
    refs = [row["bom-ref"] for row in Nested("p", bundled).components()]
    assert refs == [f"p#{'x' * 200}{end}" for end in ("", "#2", "#3", "#4")]


def test_documents_beside_are_addressed_by_their_path() -> None:
    assert unmerged_references([Unmerged("d/é.xml", "why")]) == [
        {"type": "bom", "url": "d/%C3%A9.xml", "comment": "not merged: why"}
    ]
