"""SPDX 2 documents in JSON, as wheels carry them.

Source: the SPDX specification 2.3, clauses "Package information" and "Relationships between SPDX elements".
"""

from __future__ import annotations

from typing import Any

from constructs_lib.core.sbom.bundled import Component
from constructs_lib.core.sbom.component_values import (
    LONGEST_NAME,
    TYPES,
    address,
    cpe,
    digest,
    expression,
    one_of,
    purl,
    purl_base,
    rows,
    text,
)
from constructs_lib.core.sbom.foreign_document import (
    ForeignDocument,
    Listed,
    UnreadableDocumentError,
    objects,
    refuse_many,
    texts,
)

_NO_VALUE = frozenset({"NOASSERTION", "NONE", ""})
_DOCUMENT = "SPDXRef-DOCUMENT"


def read_spdx(document: dict[str, Any]) -> ForeignDocument:
    """Return the packages; the one that the document describes is the distribution, if it is one alone."""
    packages = objects(document, "packages")
    refuse_many(len(packages))
    relations = [_relation(row) for row in objects(document, "relationships")]
    described = {
        *texts(document.get("documentDescribes")),
        *(target for source, kind, target in relations if kind == "DESCRIBES" and source == _DOCUMENT),
        *(source for source, kind, target in relations if kind == "DESCRIBED_BY" and target == _DOCUMENT),
    }
    roots = frozenset(described if len(described) == 1 else ())
    listed = [Listed(text(row.get("SPDXID")), _component(row)) for row in packages]
    subject = next((entry.component.purl for entry in listed if entry.ref in roots), "")
    needs = [(source, [target]) for source, kind, target in relations if kind == "DEPENDS_ON"]
    needs += [(target, [source]) for source, kind, target in relations if kind == "DEPENDENCY_OF"]
    return ForeignDocument(listed, roots, purl_base(subject), needs)


def _relation(row: dict[str, Any]) -> tuple[str, str, str]:
    keys = ("spdxElementId", "relationshipType", "relatedSpdxElement")
    source, kind, target = (text(row.get(key)) for key in keys)
    return source, kind, target


def _component(row: dict[str, Any]) -> Component:
    name = text(row.get("name"), LONGEST_NAME)
    if not name:
        raise UnreadableDocumentError("it has a package without a name")
    spdx, licenses = _licenses(row)
    named = {
        text(entry.get("referenceType")): entry.get("referenceLocator")
        for entry in rows(row.get("externalRefs"))
    }
    digests = (
        digest(_algorithm(entry.get("algorithm")), entry.get("checksumValue"))
        for entry in rows(row.get("checksums"))
    )
    references = (
        ("website", address(row.get("homepage"))),
        ("distribution", address(row.get("downloadLocation"))),
    )
    purpose = text(row.get("primaryPackagePurpose")).lower().replace("_", "-")
    return Component(
        name,
        text(row.get("versionInfo"), LONGEST_NAME),
        type=one_of(purpose, TYPES, "library"),
        purl=purl(named.get("purl")),
        cpe=cpe(named.get("cpe23Type")),
        description=text(row.get("summary")),
        expression=spdx,
        licenses=licenses,
        hashes=tuple(sorted({entry for entry in digests if entry})),
        references=tuple(sorted(entry for entry in references if entry[1])),
    )


def _licenses(row: dict[str, Any]) -> tuple[str, tuple[tuple[str, str], ...]]:
    values = (text(row.get(key)) for key in ("licenseConcluded", "licenseDeclared"))
    value = next((value for value in values if value not in _NO_VALUE), "")
    spdx = expression(value)
    return spdx, (("name", value),) if value and not spdx else ()


def _algorithm(value: object) -> str:
    """Return CycloneDX's spelling of an algorithm: `SHA256` is `SHA-256` there."""
    name = text(value)
    return f"SHA-{name[3:]}" if name.startswith("SHA") and name[3:].isdigit() else name
