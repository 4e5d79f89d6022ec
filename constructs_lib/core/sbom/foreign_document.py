"""The part of a foreign document that is merged, and what its readers share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from constructs_lib.core.sbom.bundled import Component

MAX_COMPONENTS = 10_000
"""Of one wheel; a large real one has some hundreds."""
MAX_NEEDS = 50_000
"""Of one wheel. Our references are longer than a document's may be: without a limit 20 MB would become gigabytes."""


class UnreadableDocumentError(Exception):
    """The reason why a document cannot be merged; not an error of the build."""


class Listed(NamedTuple):
    """A component, as a document lists it."""

    ref: str
    """Its identifier in the document; empty if it has none."""
    component: Component


class ForeignDocument(NamedTuple):
    """The part of a document that is merged."""

    listed: list[Listed]
    roots: frozenset[str]
    """The identifiers of the document's subject, which is the distribution."""
    subject_purl: str
    """Of the subject; empty if unknown."""
    needs: list[tuple[str, list[str]]]
    """Identifiers, each with those that it depends on."""


def objects(document: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """Return a list of objects; raise for another value, none if it is absent."""
    value = document.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise UnreadableDocumentError(f"its {key} is not a list of objects")
    return value


def texts(value: object) -> list[str]:
    """Return the texts of a list; none for any other value."""
    return [row for row in value if isinstance(row, str)] if isinstance(value, list) else []


def refuse_many(components: int, needs: int = 0) -> None:
    """Raise for more components, or dependencies between them, than are read of a wheel."""
    if components > MAX_COMPONENTS:
        raise UnreadableDocumentError(f"the wheel has more than {MAX_COMPONENTS} components")
    if needs > MAX_NEEDS:
        raise UnreadableDocumentError(f"the wheel has more than {MAX_NEEDS} dependencies between components")
