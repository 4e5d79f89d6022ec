"""The components inside a distribution, as CycloneDX rows."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from constructs_lib.core.sbom.bundled import Bundled, Component, Unmerged

_LONGEST = 200
"""Characters of an identity in a reference, which a graph repeats."""


class Nested:
    """The rows of one distribution's bundled software; their references begin with the distribution's."""

    def __init__(self, parent: str, bundled: Bundled) -> None:
        self._bundled = bundled
        self._refs = _references(parent, bundled.components)

    def components(self) -> list[dict[str, Any]]:
        """Return the rows of `components`, sorted by reference."""
        pairs = zip(self._refs, self._bundled.components, strict=True)
        return [_row(ref, component) for ref, component in sorted(pairs)]

    def needed(self) -> list[str]:
        """Return the references of what the distribution itself needs."""
        return [self._refs[place] for place in self._bundled.needs]

    def dependencies(self) -> dict[str, list[str]]:
        """Return for each component that a document has in its graph the references of what it needs."""
        return {
            ref: sorted(self._refs[place] for place in component.needs)
            for ref, component in zip(self._refs, self._bundled.components, strict=True)
            if component.needs is not None
        }


def unmerged_references(unmerged: Sequence[Unmerged]) -> list[dict[str, str]]:
    """Return rows of `externalReferences` for the documents that are not merged."""
    return [
        {"type": "bom", "url": quote(row.path), "comment": f"not merged: {row.reason}"}
        for row in sorted(unmerged)
    ]


def _references(parent: str, components: Sequence[Component]) -> list[str]:
    """Return a reference for each, unique below the parent's."""
    refs: dict[str, None] = {}
    numbers: defaultdict[str, Iterator[int]] = defaultdict(partial(count, 2))
    for component in components:
        identity = component.purl or component.file or f"{component.name}@{component.version}"
        first = ref = f"{parent}#{identity[:_LONGEST]}"
        while ref in refs:
            ref = f"{first}#{next(numbers[first])}"
        refs[ref] = None
    return list(refs)


def _row(ref: str, component: Component) -> dict[str, Any]:
    licenses: list[dict[str, Any]] = [{"license": {kind: value}} for kind, value in component.licenses]
    if component.expression:
        licenses = [{"expression": component.expression}]
    optional = {
        "version": component.version,
        "group": component.group,
        "purl": component.purl,
        "cpe": component.cpe,
        "scope": component.scope,
        "description": component.description,
        "licenses": licenses,
        "hashes": [{"alg": algorithm, "content": content} for algorithm, content in component.hashes],
        "externalReferences": [{"type": kind, "url": url} for kind, url in component.references],
        "evidence": {"occurrences": [{"location": component.file}]} if component.file else None,
    }
    row = {"bom-ref": ref, "type": component.type, "name": component.name}
    return {**row, **{key: value for key, value in optional.items() if value}}
