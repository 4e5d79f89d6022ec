"""SPDX 2 documents in JSON, as wheels carry them."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.core.sbom.bundled import Component
from constructs_lib.core.sbom.foreign_document import UnreadableDocumentError
from constructs_lib.core.sbom.spdx_reader import read_spdx
from tests.support.files.boms import HASH, spdx

ZLIB: dict[str, Any] = {"SPDXID": "SPDXRef-zlib", "name": "zlib"}
DEMO: dict[str, Any] = {"SPDXID": "SPDXRef-demo", "name": "demo"}


def relation(source: str, kind: str, target: str) -> dict[str, str]:
    return {"spdxElementId": source, "relationshipType": kind, "relatedSpdxElement": target}


def test_a_package_is_a_component() -> None:
    """Name, version, purl, CPE, license, hashes, addresses and purpose."""
    package = {
        **ZLIB,
        "versionInfo": "1.3.1",
        "primaryPackagePurpose": "OPERATING-SYSTEM",
        "externalRefs": [
            {"referenceType": "purl", "referenceLocator": "pkg:generic/zlib@1.3.1"},
            {"referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:zlib:zlib:1.3.1:*:*:*:*:*:*:*"},
        ],
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "zlib",
        "checksums": [
            {"algorithm": "SHA256", "checksumValue": HASH},
            {"algorithm": "ADLER32", "checksumValue": "0"},
        ],
        "homepage": "https://zlib.example",
        "downloadLocation": "NOASSERTION",
        "summary": "Compression",
    }
    [listed] = read_spdx(spdx(package)).listed
    assert listed.component == Component(
        "zlib",
        "1.3.1",
        type="operating-system",
        purl="pkg:generic/zlib@1.3.1",
        cpe="cpe:2.3:a:zlib:zlib:1.3.1:*:*:*:*:*:*:*",
        description="Compression",
        expression="Zlib",
        hashes=(("SHA-256", HASH),),
        references=(("website", "https://zlib.example"),),
    )


@pytest.mark.parametrize(
    "keys",
    [
        {"documentDescribes": ["SPDXRef-demo"]},
        {"relationships": [relation("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-demo")]},
        {"relationships": [relation("SPDXRef-demo", "DESCRIBED_BY", "SPDXRef-DOCUMENT")]},
    ],
    ids=["key", "describes", "described by"],
)
def test_the_one_package_that_is_described_is_the_distribution(keys: dict[str, Any]) -> None:
    assert read_spdx(spdx(DEMO, ZLIB, **keys)).roots == {"SPDXRef-demo"}


def test_several_described_packages_are_components() -> None:
    document = spdx(DEMO, ZLIB, documentDescribes=["SPDXRef-demo", "SPDXRef-zlib"])
    assert read_spdx(document).roots == frozenset()


def test_dependencies_in_both_directions() -> None:
    """Other relations, which are many, are no dependencies."""
    relations = [
        relation("a", "DEPENDS_ON", "b"),
        relation("c", "DEPENDENCY_OF", "a"),
        relation("a", "CONTAINS", "d"),
    ]
    assert read_spdx(spdx(relationships=relations)).needs == [("a", ["b"]), ("a", ["c"])]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (spdx({}), "it has a package without a name"),
        (spdx(packages="zlib"), "its packages is not a list of objects"),
        (spdx(relationships=[3]), "its relationships is not a list of objects"),
    ],
    ids=["no name", "text", "relations"],
)
def test_another_shape_is_one_reason(document: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnreadableDocumentError, match=f"^{reason}$"):
        read_spdx(document)
