"""What the readers of foreign documents share."""

from __future__ import annotations

import pytest

from constructs_lib.core.sbom.foreign_document import (
    MAX_COMPONENTS,
    MAX_NEEDS,
    UnreadableDocumentError,
    objects,
    refuse_many,
    texts,
)


def test_a_list_of_objects_or_a_reason() -> None:
    """An absent list is empty."""
    assert objects({"a": [{"b": 1}]}, "a") == [{"b": 1}]
    assert objects({}, "a") == objects({"a": None}, "a") == []
    odd: list[object] = ["x", {}, 3, [3], [{}, None]]
    for value in odd:
        with pytest.raises(UnreadableDocumentError, match=r"^its a is not a list of objects$"):
            objects({"a": value}, "a")


def test_the_texts_of_a_list() -> None:
    assert texts(["a", 3, "b"]) == ["a", "b"]
    assert texts("ab") == texts(None) == []


def test_the_numbers_of_components_and_dependencies_are_limited() -> None:
    refuse_many(MAX_COMPONENTS, MAX_NEEDS)
    with pytest.raises(UnreadableDocumentError, match="more than 10000 components"):
        refuse_many(MAX_COMPONENTS + 1)
    with pytest.raises(UnreadableDocumentError, match="more than 50000 dependencies between components"):
        refuse_many(0, MAX_NEEDS + 1)
