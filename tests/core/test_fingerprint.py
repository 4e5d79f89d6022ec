"""One hash over everything that goes into an artifact."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs_lib.core import fingerprint as module
from constructs_lib.core.fingerprint import fingerprint

if TYPE_CHECKING:
    import pytest


def test_the_order_of_the_names_does_not_count() -> None:
    """Nor does that of nested ones; it is a sha256 in hex."""
    one = fingerprint(a=1, b={"x": 1, "y": [2]})
    assert one == fingerprint(b={"y": [2], "x": 1}, a=1)
    assert re.fullmatch("[0-9a-f]{64}", one)


def test_every_value_counts() -> None:
    """Also the order inside a list, and the difference between a number and a text."""
    values = [fingerprint(a=value) for value in (1, "1", None, [1, 2], [2, 1], {"1": 2}, "")]
    assert len({*values, fingerprint(b=1)}) == 8


def test_a_new_build_schema_changes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """So a release that writes other files for the same inputs publishes them."""
    before = fingerprint(a=1)
    monkeypatch.setattr(module, "BUILD_SCHEMA", module.BUILD_SCHEMA + 1)
    assert fingerprint(a=1) != before
