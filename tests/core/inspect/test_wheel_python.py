"""Wheels whose own metadata excludes the layer's Python."""

from __future__ import annotations

import pytest

from constructs_lib.core.inspect.wheel_python import check_pythons
from constructs_lib.core.target import Target


@pytest.mark.parametrize("specifiers", ["", ">=3.9", ">=3.9,<4", ">=3.12.25", "12", "x", ">=" + "9" * 5000])
def test_a_wheel_that_allows_the_python_is_fine(specifiers: str) -> None:
    """So is one whose specifiers are none."""
    assert check_pythons({"aa-1.0-py3-none-any.whl": specifiers}, Target("3.12")) == []


def test_a_wheel_for_another_python_is_a_warning() -> None:
    """A pylock.toml may name it without saying so."""
    [finding] = check_pythons({"aa-1.0-py3-none-any.whl": ">=3.13"}, Target("3.12"))
    assert (finding.id, finding.level, finding.distribution) == ("python-excluded", "warning", "aa")
    assert finding.text.startswith("aa-1.0-py3-none-any.whl is for Python >=3.13, not for ")


def test_foreign_specifiers_stay_on_the_line() -> None:
    [finding] = check_pythons({"aa-1.0-py3-none-any.whl": ">=3.13\n,<4"}, Target("3.12"))
    assert "\n" not in finding.text
