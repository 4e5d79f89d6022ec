"""CycloneDX's own library: it validates our documents, and reads and writes them."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from cyclonedx.model.bom import Bom
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion

if TYPE_CHECKING:
    from cyclonedx.validation.json import JsonStrictValidator


@cache
def validator() -> JsonStrictValidator:
    """Import it here: that takes seconds, in each process that collects the tests."""
    from cyclonedx.validation.json import JsonStrictValidator

    return JsonStrictValidator(SchemaVersion.V1_6)


def by_the_library(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document as the library writes it after reading."""
    bom = Bom.from_json(document)  # type: ignore[attr-defined]
    bom.metadata.timestamp = None
    return dict(json.loads(JsonV1Dot6(bom).output_as_string()))


def in_one_order(value: object) -> object:
    """Return the document with sorted lists, and without graph rows that name no dependency.

    The library sorts components by type and name, and adds an empty row for a component whose needs are unknown.
    """
    if isinstance(value, dict):
        return {
            key: in_one_order([row for row in rows if "dependsOn" in row] if key == "dependencies" else rows)
            for key, rows in sorted(value.items())
        }
    if isinstance(value, list):
        return sorted(map(in_one_order, value), key=lambda row: json.dumps(row, sort_keys=True))
    return value


def references(document: dict[str, Any]) -> list[str]:
    """Return every `bom-ref` of a document."""
    found: list[str] = []
    waiting: list[Any] = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            found += [value["bom-ref"]] if "bom-ref" in value else []
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return found
