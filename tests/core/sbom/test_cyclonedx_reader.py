"""CycloneDX documents in JSON, as wheels carry them."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.core.sbom.bundled import Component
from constructs_lib.core.sbom.cyclonedx_reader import read_cyclonedx
from constructs_lib.core.sbom.foreign_document import MAX_COMPONENTS, UnreadableDocumentError
from tests.support.files.boms import HASH, crate, cyclonedx


def component(**keys: Any) -> Component:
    [listed] = read_cyclonedx(cyclonedx({"name": "zlib", **keys})).listed
    return listed.component


def test_each_value_that_scanners_use_is_kept() -> None:
    """Identity, licence, hashes, scope and addresses; keys that this library does not name are left out."""
    row: dict[str, Any] = {
        "type": "framework",
        "group": "madler",
        "version": "1.3.1",
        "purl": "pkg:generic/zlib@1.3.1?download_url=https://zlib.example/zlib-1.3.1.tar.gz",
        "cpe": "cpe:2.3:a:zlib:zlib:1.3.1:*:*:*:*:*:*:*",
        "scope": "excluded",
        "description": "A  compression\nlibrary",
        "licenses": [{"license": {"id": "Zlib"}}],
        "hashes": [{"alg": "SHA-256", "content": HASH.upper()}, {"alg": "SHA-256", "content": "00"}],
        "externalReferences": [
            {"type": "vcs", "url": "https://git.example/zlib"},
            {"type": "poem", "url": "https://zlib.example"},
            {"type": "vcs", "url": "not an address"},
        ],
        "author": "somebody",
        "signature": {"algorithm": "ES256"},
    }
    assert component(**row) == Component(
        "zlib",
        "1.3.1",
        "madler",
        "framework",
        row["purl"],
        row["cpe"],
        "excluded",
        "A compression library",
        "Zlib",
        (),
        (("SHA-256", HASH),),
        (("other", "https://zlib.example"), ("vcs", "https://git.example/zlib")),
    )


@pytest.mark.parametrize(
    ("licenses", "expression", "single"),
    [
        ([{"expression": "mit or apache-2.0"}], "MIT OR Apache-2.0", ()),
        ([{"expression": "MIT/Apache-2.0"}], "", (("name", "MIT/Apache-2.0"),)),
        ([{"license": {"id": "MIT"}}], "MIT", ()),
        ([{"license": {"id": "Not-In-The-List"}}], "", (("name", "Not-In-The-List"),)),
        ([{"license": {"name": "MIT"}}], "", (("name", "MIT"),)),
        ([{"license": {"id": "MIT"}}, {"license": {"name": "Ours"}}], "", (("id", "MIT"), ("name", "Ours"))),
        (
            [{"expression": "MIT OR Zlib"}, {"license": {"id": "Zlib"}}],
            "",
            (("id", "Zlib"), ("name", "MIT OR Zlib")),
        ),
        (
            [{"license": {"id": "LicenseRef-x"}}, {"license": {"id": "Zlib+"}}, {"license": {"id": "Zlib"}}],
            "",
            (("id", "Zlib"), ("name", "LicenseRef-x"), ("name", "Zlib+")),
        ),
        ([{"license": "MIT"}, 3, {}], "", ()),
        ("MIT", "", ()),
    ],
)
def test_licenses(licenses: object, expression: str, single: tuple[tuple[str, str], ...]) -> None:
    """One license is an expression; several are listed, since "and" or "or" is unknown."""
    found = component(licenses=licenses)
    assert (found.expression, found.licenses) == (expression, single)


def test_components_of_all_depths_are_listed() -> None:
    """In the order of the document."""
    document = cyclonedx(crate("a", components=[crate("b", components=[crate("c")])]), crate("d"))
    assert [entry.component.name for entry in read_cyclonedx(document).listed] == ["a", "b", "c", "d"]


def test_the_subject_and_its_targets_are_the_distribution() -> None:
    """Cargo lists the crate's library below the crate; a part with another purl is a component."""
    target = {
        "bom-ref": "lib",
        "name": "_demo",
        "purl": "pkg:cargo/demo@1.0.0?download_url=file://.#src/lib.rs",
    }
    subject = crate("demo", components=[target, crate("vendored")])
    document = cyclonedx(crate("a"), metadata={"component": subject})
    read = read_cyclonedx(document)
    assert [entry.component.name for entry in read.listed] == ["vendored", "a"]
    assert read.roots == {subject["bom-ref"], "lib"}
    assert read.subject_purl == "pkg:cargo/demo@1.0.0"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (cyclonedx({"version": "1"}), "it has a component without a name"),
        (cyclonedx({"name": "\n"}), "it has a component without a name"),
        (cyclonedx("zlib"), "its components is not a list of objects"),
        (cyclonedx(crate("a", components=3)), "its components is not a list of objects"),
        (cyclonedx(dependencies={}), "its dependencies is not a list of objects"),
        (cyclonedx(*[{"name": "a"}] * (MAX_COMPONENTS + 1)), "the wheel has more than 10000 components"),
    ],
    ids=["no name", "blank name", "text", "inner", "graph", "many"],
)
def test_another_shape_is_one_reason(document: dict[str, Any], reason: str) -> None:
    """Half of a document would look like the whole."""
    with pytest.raises(UnreadableDocumentError, match=f"^{reason}$"):
        read_cyclonedx(document)


def test_odd_values_beside_the_components_are_left_out() -> None:
    document = cyclonedx(
        {"name": "a", "bom-ref": 3},
        metadata=[],
        dependencies=[{"ref": 1}, {"ref": "x", "dependsOn": [1, "y"]}],
    )
    read = read_cyclonedx(document)
    assert [(entry.ref, entry.component) for entry in read.listed] == [("", Component("a"))]
    assert read.needs == [("x", ["y"])]
    assert read.roots == frozenset()
