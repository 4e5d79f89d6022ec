"""Required arguments behind optional ones."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from constructs_lib.core.compat.required import REQUIRED, refuse_missing


@dataclass
class Order:
    note: str = ""
    name: str = REQUIRED
    size: int = REQUIRED

    def __post_init__(self) -> None:
        refuse_missing(self)


def test_a_missing_argument_is_the_type_error_of_any_call() -> None:
    """With the names of all that are missing."""
    assert Order("", "x", 0).size == 0
    with pytest.raises(TypeError, match=r"^Order\(\) is missing the required argument 'size'$"):
        Order(name="x")
    with pytest.raises(TypeError, match=r"^Order\(\) is missing the required arguments 'name', 'size'$"):
        Order()


def test_the_default_shows_itself_in_signatures() -> None:
    assert repr(REQUIRED) == "REQUIRED"
