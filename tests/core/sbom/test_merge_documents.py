"""The documents of one wheel, merged: whatever they hold, there is a result."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.metadata.core_metadata import WheelMetadata
from constructs_lib.core.sbom.bundled import NOTHING, Bundled, Unmerged
from constructs_lib.core.sbom.document import Part, Subject, render_sbom
from constructs_lib.core.sbom.reading import read_sbom
from constructs_lib.core.target import Target
from tests.support.cyclonedx_library import by_the_library, in_one_order, references, validator
from tests.support.files.boms import FOLDER, crate, cyclonedx, merged, spdx


def document_of(bundled: Bundled) -> dict[str, Any]:
    """Return the SBOM of a layer with that wheel, after the checks that hold for all."""
    part = Part("demo", "1.0", "", WheelMetadata(), unzipped=3, zipped=2, files=1, bundled=bundled)
    text = render_sbom(Subject("shop", "1", Target("3.13"), ("demo",)), [part])
    assert validator().validate_str(text.decode()) is None
    document: dict[str, Any] = json.loads(text)
    assert by_the_library(document)["serialNumber"] == document["serialNumber"]
    refs = references(document)
    assert len(set(refs)) == len(refs)
    rows = document["dependencies"]
    assert {ref for row in rows for ref in [row["ref"], *row.get("dependsOn", [])]} <= set(refs)
    assert list(read_sbom(text) or ()) == ["demo"]
    return document


def names(bundled: Bundled) -> list[str]:
    return [component.name for component in bundled.components]


def needs(bundled: Bundled) -> dict[str, list[str] | None]:
    """Return the graph by names; the distribution's own needs under its name."""
    listed = bundled.components
    rows = {
        row.name: None if row.needs is None else [listed[place].name for place in row.needs] for row in listed
    }
    return {"demo": [listed[place].name for place in bundled.needs], **rows}


def test_a_wheel_without_documents() -> None:
    assert merged({}) == NOTHING


def test_two_documents_are_one_list() -> None:
    """Each package URL once, by the first document; the graphs are joined."""
    subject = crate("demo-rust")
    a, b, c = crate("a"), crate("b"), crate("c")
    first = cyclonedx(
        a,
        b,
        metadata={"component": subject},
        dependencies=[
            {"ref": subject["bom-ref"], "dependsOn": [a["bom-ref"], "unknown"]},
            {"ref": a["bom-ref"]},
        ],
    )
    second = cyclonedx(
        {**b, "bom-ref": "other", "name": "B"},
        c,
        dependencies=[{"ref": "other", "dependsOn": [c["bom-ref"], "other"]}],
    )
    bundled = merged({"1.cdx.json": first, "2.cdx.json": second})
    assert names(bundled) == ["a", "b", "c"]
    assert needs(bundled) == {"demo": ["a"], "a": [], "b": ["c"], "c": None}
    document = document_of(bundled)
    assert in_one_order(by_the_library(document)) == in_one_order(document)
    assert {row["ref"]: row.get("dependsOn") for row in document["dependencies"]} == {
        "layer": ["pkg:pypi/demo@1.0"],
        "pkg:pypi/demo@1.0": ["pkg:pypi/demo@1.0#pkg:cargo/a@1.0.0"],
        "pkg:pypi/demo@1.0#pkg:cargo/a@1.0.0": None,
        "pkg:pypi/demo@1.0#pkg:cargo/b@1.0.0": ["pkg:pypi/demo@1.0#pkg:cargo/c@1.0.0"],
    }


def test_what_another_document_needs_at_run_time_is_not_excluded() -> None:
    both = merged(
        {"1.json": cyclonedx(crate("a", scope="excluded")), "2.json": cyclonedx(crate("a", scope="required"))}
    )
    assert [component.scope for component in both.components] == [""]
    alone = merged({"1.json": cyclonedx(crate("a", scope="excluded"))})
    assert [component.scope for component in alone.components] == ["excluded"]


def test_components_without_a_purl_are_the_same_by_name_and_version() -> None:
    """Equal names with other versions get references of their own."""
    rows = [
        {"name": "a", "version": "1"},
        {"name": "a", "version": "1"},
        {"name": "a", "version": "2"},
        {"name": "a"},
    ]
    odd = [{"name": "a", "version": "1", "group": "g"}]
    bundled = merged({"1.json": cyclonedx(*rows, *odd)})
    assert [(row.group, row.version) for row in bundled.components] == [
        ("", "1"),
        ("", "2"),
        ("", ""),
        ("g", "1"),
    ]
    document_of(bundled)


def test_one_bom_ref_twice_names_the_first() -> None:
    """Both components stay."""
    a, b = crate("a", **{"bom-ref": "same"}), crate("b", **{"bom-ref": "same"})
    bundled = merged(
        {"1.json": cyclonedx(a, b, crate("c"), dependencies=[{"ref": "same", "dependsOn": ["same"]}])}
    )
    assert needs(bundled) == {"demo": [], "a": [], "b": None, "c": None}


@pytest.mark.parametrize("purl", ["pkg:pypi/demo@1.0?file_name=x.whl", "pkg:pypi/Demo", "pkg:pypi/demo@9"])
def test_the_distribution_is_no_component_of_itself(purl: str) -> None:
    """Auditwheel's document lists it, and the libraries are its needs."""
    own = {"bom-ref": purl, "name": "Demo", "purl": purl}
    xau = {"bom-ref": "x", "name": "libXau", "purl": "pkg:rpm/almalinux/libXau@1.0.9-3.el8"}
    document = cyclonedx(own, xau, dependencies=[{"ref": purl, "dependsOn": ["x"]}])
    assert needs(merged({"auditwheel.cdx.json": document})) == {"demo": ["libXau"], "libXau": None}


def test_a_part_of_the_distribution_is_a_component() -> None:
    """Pillow lists its extension modules, each with what it needs."""
    extension = {"bom-ref": "e", "name": "demo._c", "purl": "pkg:pypi/demo@1.0#c-ext/demo._c"}
    document = cyclonedx(
        extension, {"bom-ref": "z", "name": "zlib"}, dependencies=[{"ref": "e", "dependsOn": ["z"]}]
    )
    assert needs(merged({"1.json": document})) == {"demo": [], "demo._c": ["zlib"], "zlib": None}


def test_packages_of_spdx_are_components() -> None:
    packages = [{"SPDXID": f"SPDXRef-{name}", "name": name, "versionInfo": "1"} for name in ("demo", "zlib")]
    relations = [
        {
            "spdxElementId": "SPDXRef-demo",
            "relationshipType": "DEPENDS_ON",
            "relatedSpdxElement": "SPDXRef-zlib",
        }
    ]
    bundled = merged(
        {"1.spdx.json": spdx(*packages, documentDescribes=["SPDXRef-demo"], relationships=relations)}
    )
    assert needs(bundled) == {"demo": ["zlib"], "zlib": None}
    document_of(bundled)


def test_copied_libraries_that_no_document_names() -> None:
    """They are needs of the distribution, and their place is given."""
    paths = ["demo.libs/libz-00000000.so.1", "demo.libs/libXau-00000000.so.6"]
    bundled = merged({"auditwheel.cdx.json": cyclonedx({"name": "libXau"})}, *paths)
    assert needs(bundled) == {"demo": ["libz"], "libXau": None, "libz": None}
    document = document_of(bundled)
    assert in_one_order(by_the_library(document)) == in_one_order(document)
    [libz, _] = document["components"][0]["components"]
    assert libz == {
        "bom-ref": "pkg:pypi/demo@1.0#demo.libs/libz-00000000.so.1",
        "type": "library",
        "name": "libz",
        "version": "1",
        "evidence": {"occurrences": [{"location": "demo.libs/libz-00000000.so.1"}]},
    }


def test_a_document_that_cannot_be_read_is_left_out_alone() -> None:
    """The others are merged, and the SBOM refers to it by its path in the layer's `python/`."""
    documents = {"a b.xml": b"<bom/>", "ok.json": cyclonedx(crate("a")), "cut.json": b"{"}
    bundled = merged(documents)
    assert names(bundled) == ["a"]
    assert [row.path for row in bundled.unmerged] == [f"{FOLDER}a b.xml", f"{FOLDER}cut.json"]
    [demo] = document_of(bundled)["components"]
    assert [(row["type"], row["url"]) for row in demo["externalReferences"]] == [
        ("bom", f"{FOLDER}a%20b.xml"),
        ("bom", f"{FOLDER}cut.json"),
    ]
    assert "not merged: only CycloneDX" in demo["externalReferences"][0]["comment"]


def test_large_documents_are_not_read() -> None:
    """Neither one of more than 5 MB, nor those after 20 MB of one wheel."""
    large = json.dumps(cyclonedx(crate("a"))).encode() + b" " * 4_900_000
    documents = {f"{number}.json": large for number in range(5)}
    bundled = merged({**documents, "0.json": large + b" " * 200_000})
    limits = "at most 5 MB of a document and 20 MB of a wheel are read"
    assert bundled.unmerged == (
        Unmerged(f"{FOLDER}0.json", f"it has 5.1 MB; {limits}"),
        Unmerged(f"{FOLDER}4.json", f"it has 4.9 MB; {limits}"),
    )
    assert names(bundled) == ["a"]


def test_the_number_of_components_is_that_of_the_wheel() -> None:
    """Not of each document; the first ones stay."""
    documents = {
        f"{number}.json": cyclonedx(*({"name": f"{number}-{row}"} for row in range(6000)))
        for number in (1, 2)
    }
    bundled = merged(documents)
    assert len(bundled.components) == 6000
    assert bundled.unmerged == (Unmerged(f"{FOLDER}2.json", "the wheel has more than 10000 components"),)


def test_the_number_of_documents_is_limited() -> None:
    """One row for the rest."""
    bundled = merged({f"{number:03}.json": cyclonedx({"name": f"c{number}"}) for number in range(103)})
    assert len(bundled.components) == 100
    reason = "the wheel has 103 documents, 100 of them are read"
    assert bundled.unmerged == (Unmerged(f"{FOLDER}100.json", reason),)


def test_short_references_do_not_become_a_large_graph() -> None:
    """20 MB of a document's `"a"` would be gigabytes of ours."""
    edges = [{"ref": "a", "dependsOn": ["b"] * 10_000}] * 6
    bundled = merged(
        {"1.json": cyclonedx({"name": "a"}, dependencies=edges), "2.json": cyclonedx({"name": "b"})}
    )
    assert names(bundled) == ["b"]
    assert [row.reason for row in bundled.unmerged] == [
        "the wheel has more than 50000 dependencies between components"
    ]


def test_more_libraries_than_components_are_read() -> None:
    bundled = merged(
        {"1.json": cyclonedx({"name": "a"})}, *(f"demo.libs/lib{number}.so" for number in range(10_000))
    )
    assert names(bundled) == ["a"]
    assert bundled.unmerged == (Unmerged("demo.libs/lib0.so", "the wheel has more than 10000 components"),)


# A few names, so that references meet.
words = st.sampled_from(
    [
        "a",
        "b",
        "demo",
        "",
        "pkg:pypi/demo@1.0",
        "pkg:cargo/a@1",
        "pkg:npm/@x/y",
        "MIT",
        "LicenseRef-x",
        "x\ud800\n",
    ]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
hashes = st.fixed_dictionaries({"alg": st.sampled_from(["SHA-256", "MD5"]) | values, "content": values})
licenses = st.fixed_dictionaries({}, optional={"expression": words | values, "license": values})
links = st.fixed_dictionaries({"type": words, "url": st.just("https://host.example/") | st.text() | values})
leaf = st.fixed_dictionaries(
    {"name": st.sampled_from(["a", "b", "demo", "\u00e9\x00"])},  # without one, nothing of it would be merged
    optional={
        "bom-ref": words | values,
        "type": words | values,
        "version": words | values,
        "group": words | values,
        "purl": words | values,
        "cpe": words | values,
        "scope": words | values,
        "description": words | values,
        "hashes": st.lists(hashes, max_size=2) | values,
        "licenses": st.lists(licenses, max_size=3) | values,
        "externalReferences": st.lists(links, max_size=2) | values,
    },
)
components = st.recursive(
    leaf,
    lambda inner: st.builds(lambda row, rows: {**row, "components": rows}, leaf, st.lists(inner, max_size=2)),
    max_leaves=4,
)
edges = st.fixed_dictionaries(
    {"ref": words | values}, optional={"dependsOn": st.lists(words, max_size=3) | values}
)
foreign = st.builds(
    lambda rows, keys: {**cyclonedx(*rows), **keys},
    st.lists(components, max_size=4),
    st.fixed_dictionaries(
        {},
        optional={
            "metadata": st.fixed_dictionaries({"component": components}) | values,
            "dependencies": st.lists(edges, max_size=4) | values,
        },
    ),
)


@given(st.lists(foreign | values, max_size=3))
def test_any_documents_give_a_valid_sbom(documents: list[Any]) -> None:
    """Valid by CycloneDX's own library, with unique references, and a graph of its own components."""
    bundled = merged({f"{number}.json": document for number, document in enumerate(documents)})
    document_of(bundled)
    assert len(bundled.unmerged) <= len(documents)
