"""The CycloneDX 1.6 document: the same bytes for the same layer, without time or randomness, and sorted.

Source: the CycloneDX 1.6 JSON reference, and the purl specification for `pkg:pypi`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import NAMESPACE_OID, uuid5

from constructs_lib.core.metadata.dependency_graph import ROOT, dependency_graph
from constructs_lib.core.sbom.bundled import NOTHING, Bundled
from constructs_lib.core.sbom.nested import Nested, unmerged_references

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs_lib.core.metadata.core_metadata import WheelMetadata
    from constructs_lib.core.target import Target

TOOL = "constructs-lib"
ROOT_REF = "layer"


@dataclass(frozen=True)
class Part:
    """One distribution of a layer."""

    name: str
    """Normalized (PEP 503)."""
    version: str
    sha256: str
    """Hash of the wheel as the index serves it; empty for a wheel that was built here."""
    metadata: WheelMetadata
    unzipped: int
    """Bytes of its files in the layer; a path that two wheels bring counts for the wheel whose content is kept."""
    zipped: int
    files: int
    bundled: Bundled = NOTHING
    """The software inside its wheel that is not its own."""

    @property
    def purl(self) -> str:
        """The package URL, which is also the component's reference inside the document."""
        return f"pkg:pypi/{quote(self.name, safe='')}@{quote(self.version, safe='')}"


@dataclass(frozen=True)
class Subject:
    """The subject of the document: the project whose dependencies the layer holds."""

    name: str
    version: str
    """Empty for a dynamic version."""
    target: Target
    direct: tuple[str, ...]
    """Requirements of the project itself (PEP 508)."""


def render_sbom(subject: Subject, parts: Iterable[Part]) -> bytes:
    """Render the document as JSON; its serial number is derived from the content (RFC 9562, version 5)."""
    lines = _lines(_document(subject, sorted(parts, key=lambda part: part.name)))
    serial = uuid5(NAMESPACE_OID, "\n".join(lines))
    lines = sorted([*lines, *_lines({"serialNumber": serial.urn})])
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _lines(document: dict[str, Any]) -> list[str]:
    """Render each key as JSON, with one component a line.

    Python's encoder indents in Python: that takes twenty times as long for a document with hundreds of components.
    """
    return [
        f"  {json.dumps(key)}: {_rows(value, '  ') if isinstance(value, list) else _compact(value)}"
        for key, value in sorted(document.items())
    ]


def _rows(rows: list[dict[str, Any]], indent: str) -> str:
    lines = ",\n".join(f"{indent}  {_row(row, indent + '  ')}" for row in rows)
    return f"[\n{lines}\n{indent}]" if rows else "[]"


def _row(row: dict[str, Any], indent: str) -> str:
    if "components" not in row:
        return _compact(row)
    others = _compact({key: value for key, value in row.items() if key != "components"})
    return f'{others[:-1]}, "components": {_rows(row["components"], indent)}}}'


def _compact(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def _document(subject: Subject, parts: list[Part]) -> dict[str, Any]:
    nested = {part.purl: Nested(part.purl, part.bundled) for part in parts}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": _subject(subject),
            "tools": {"components": [{"name": TOOL, "type": "application"}]},
        },
        "components": [_component(part, nested[part.purl]) for part in parts],
        "dependencies": _dependencies(subject, parts, nested),
    }


def _subject(subject: Subject) -> dict[str, Any]:
    return {
        "bom-ref": ROOT_REF,
        "type": "application",
        "name": subject.name,
        **({"version": subject.version} if subject.version else {}),
        "properties": _properties(
            architecture=subject.target.architecture, python=subject.target.python_version
        ),
    }


def _component(part: Part, nested: Nested) -> dict[str, Any]:
    metadata = part.metadata
    licenses: list[dict[str, Any]] = [{"license": {"name": name}} for name in metadata.licenses]
    if metadata.expression:
        licenses = [{"expression": metadata.expression}]
    components = nested.components()
    documents = unmerged_references(part.bundled.unmerged)
    return {
        "bom-ref": part.purl,
        "type": "library",
        "name": part.name,
        "version": part.version,
        "purl": part.purl,
        **({"hashes": [{"alg": "SHA-256", "content": part.sha256}]} if part.sha256 else {}),
        **({"licenses": licenses} if licenses else {}),
        **({"components": components} if components else {}),
        **({"externalReferences": documents} if documents else {}),
        "properties": _properties(files=part.files, unzipped=part.unzipped, zipped=part.zipped),
    }


def _properties(**values: object) -> list[dict[str, str]]:
    """Return properties in the namespace `constructs-lib`, as the CycloneDX property taxonomy asks."""
    return [{"name": f"{TOOL}:{name}", "value": str(value)} for name, value in sorted(values.items())]


def _dependencies(subject: Subject, parts: list[Part], nested: dict[str, Nested]) -> list[dict[str, Any]]:
    refs = {ROOT: ROOT_REF, **{part.name: part.purl for part in parts}}
    requires = {part.name: part.metadata.requires for part in parts}
    graph = dependency_graph(subject.direct, requires, subject.target)
    rows = {refs[name]: sorted(refs[dependency] for dependency in needed) for name, needed in graph.items()}
    for purl, inside in nested.items():
        rows[purl] = sorted([*rows[purl], *inside.needed()])
        rows.update(inside.dependencies())
    return [
        {"ref": ref, **({"dependsOn": depends_on} if depends_on else {})}
        for ref, depends_on in sorted(rows.items())
    ]
