"""What the readers of foreign documents share."""

from __future__ import annotations

import pytest

from constructs_lib.core.sbom.foreign_document import (
    MAX_COMPONENTS,
    UnreadableDocumentError,
    objects,
    refuse_many,
    texts,
)


def test_a_list_of_objects_or_a_reason() -> None:
    """An absent list is empty."""
    assert objects({"a": [{"b": 1}]}, "a") == [{"b": 1}]
    assert objects({}, "a") == objects({"a": None}, "a") == []
    for value in ("x", {}, 3, [3], [{}, None]):
        with pytest.raises(UnreadableDocumentError, match=r"^its a is not a list of objects$"):
            objects({"a": value}, "a")


def test_the_texts_of_a_list() -> None:
    assert texts(["a", 3, "b"]) == ["a", "b"]
    assert texts("ab") == texts(None) == []


def test_the_number_of_components_is_limited() -> None:
    refuse_many(MAX_COMPONENTS)
    with pytest.raises(UnreadableDocumentError, match="more than 10000 components"):
        refuse_many(MAX_COMPONENTS + 1)
