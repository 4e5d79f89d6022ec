"""Answers become the JSON that Lambda's runtime, which uses simplejson, makes of them."""

from __future__ import annotations

import base64
import json
from collections import namedtuple
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.invoke.runtime.answers import encode, to_json
from constructs_lib.core.invoke.runtime.start import Fault

Point = namedtuple("Point", ["x", "y"])  # noqa: PYI024 - as handlers have it
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def error_of(answer: object) -> tuple[str, str]:
    with pytest.raises(Fault) as caught:
        encode(answer, Fault)
    return caught.value.error_type, caught.value.message


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (None, "null"),
        ({"a": [1, 2.5, True]}, '{"a": [1, 2.5, true]}'),
        ((1, 2), "[1, 2]"),
        (Point(1, (2,)), '{"x": 1, "y": [2]}'),
        ({"key": b"\xc3\xa9", b"\xc3\xa9": 1}, '{"key": "é", "é": 1}'),
        (Decimal("1.10"), "1.10"),
        ([Decimal("1E+400"), Decimal("NaN")], "[1E+400, NaN]"),
        ({1: None, None: 2}, '{"1": null, "null": 2}'),
        ("é", '"é"'),
    ],
)
def test_what_json_alone_encodes_otherwise(answer: object, text: str) -> None:
    """Named tuples, bytes and decimals are those of simplejson."""
    assert to_json(answer) == text


def test_older_runtimes_escape(monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to 3.11 the JSON is ASCII."""
    monkeypatch.setenv("AWS_EXECUTION_ENV", "AWS_Lambda_python3.11")
    assert to_json("é") == '"\\u00e9"'
    monkeypatch.setenv("AWS_EXECUTION_ENV", "AWS_Lambda_python3.12")
    assert to_json("é") == '"é"'


@given(_VALUES)
def test_plain_values_are_those_of_json(value: Any) -> None:  # noqa: ANN401 - any value
    """Whatever has no special rule comes back as it was."""
    assert json.loads(to_json(value)) == value


def test_bytes_are_returned_as_they_are() -> None:
    """Lambda passes them on without JSON."""
    assert encode(b"\xff", Fault) == {"base64": base64.b64encode(b"\xff").decode()}


def test_what_is_no_json() -> None:
    """Lambda's own words."""
    circle: list[object] = []
    circle.append(circle)
    start = "Unable to marshal response: "
    assert error_of({1, 2}) == (
        "Runtime.MarshalError",
        f"{start}Object of type set is not JSON serializable",
    )
    assert error_of(circle)[1] == f"{start}Circular reference detected"
    assert error_of({(1,): 1})[1] == f"{start}keys must be str, int, float, bool or None, not tuple"
    assert error_of({"a": b"\xff"})[1].startswith(f"{start}'utf-8' codec can't decode byte 0xff")
