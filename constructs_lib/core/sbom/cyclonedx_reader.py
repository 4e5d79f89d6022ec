"""CycloneDX documents in JSON, of any version, as wheels carry them.

Source: the CycloneDX 1.6 JSON reference; 1.4 to 1.7 have these keys with the same meaning.
"""

from __future__ import annotations

from typing import Any

from constructs_lib.core.sbom.bundled import Component
from constructs_lib.core.sbom.component_values import (
    LONGEST_NAME,
    MAX_ITEMS,
    REFERENCE_TYPES,
    SCOPES,
    TYPES,
    address,
    cpe,
    digest,
    expression,
    is_license_id,
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


def read_cyclonedx(document: dict[str, Any]) -> ForeignDocument:
    """Return the components of all depths in the order of the document; its subject is no component.

    A part of the subject with the subject's own package URL is the subject too: cargo lists a crate's targets so.
    """
    metadata = document.get("metadata")
    subject = metadata.get("component") if isinstance(metadata, dict) else None
    subject = subject if isinstance(subject, dict) else {}
    base = purl_base(purl(subject.get("purl")))
    roots = {_ref(subject)}
    listed = []
    inner, outer = (_all_depths(objects(row, "components")) for row in (subject, document))
    refuse_many(len(inner) + len(outer))
    for row in inner:
        if base and purl_base(purl(row.get("purl"))) == base:
            roots.add(_ref(row))
        else:
            listed.append(Listed(_ref(row), _component(row)))
    listed += [Listed(_ref(row), _component(row)) for row in outer]
    needs = [
        (str(row["ref"]), texts(row.get("dependsOn")))
        for row in objects(document, "dependencies")
        if isinstance(row.get("ref"), str)
    ]
    return ForeignDocument(listed, frozenset(roots - {""}), base, needs)


def _all_depths(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return components and those inside them, without recursion: a document's depth is its writer's choice."""
    rows_of_all, waiting = [], components[::-1]
    while waiting:
        row = waiting.pop()
        rows_of_all.append(row)
        waiting += objects(row, "components")[::-1]
    return rows_of_all


def _ref(row: dict[str, Any]) -> str:
    ref = row.get("bom-ref")
    return ref if isinstance(ref, str) else ""


def _component(row: dict[str, Any]) -> Component:
    name = text(row.get("name"), LONGEST_NAME)
    if not name:
        raise UnreadableDocumentError("it has a component without a name")
    spdx, licenses = _licenses(row)
    digests = (digest(entry.get("alg"), entry.get("content")) for entry in rows(row.get("hashes")))
    references = (
        (one_of(entry.get("type"), REFERENCE_TYPES, "other"), address(entry.get("url")))
        for entry in rows(row.get("externalReferences"))
    )
    return Component(
        name,
        text(row.get("version"), LONGEST_NAME),
        text(row.get("group"), LONGEST_NAME),
        one_of(row.get("type"), TYPES, "library"),
        purl(row.get("purl")),
        cpe(row.get("cpe")),
        one_of(row.get("scope"), SCOPES),
        text(row.get("description")),
        spdx,
        licenses,
        tuple(sorted({entry for entry in digests if entry})),
        tuple(sorted({entry for entry in references if entry[1]})),
    )


def _licenses(row: dict[str, Any]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return an expression, or the single licenses: how several belong together is not known."""
    choices = list(rows(row.get("licenses"), MAX_ITEMS))
    values = []
    for choice in choices:
        if "expression" in choice:
            value = text(choice["expression"])
            spdx = expression(value)
        else:
            entry = choice.get("license")
            entry = entry if isinstance(entry, dict) else {}
            value = text(entry.get("id")) or text(entry.get("name"), LONGEST_NAME)
            spdx = expression(value) if entry.get("id") else ""
        values.append((spdx, value))
    if len(values) == 1 and values[0][0]:
        return values[0][0], ()
    single = {("id", spdx) if is_license_id(spdx) else ("name", value) for spdx, value in values if value}
    return "", tuple(sorted(single))
