"""A stdout that cannot be written."""

from __future__ import annotations

import sys

import pytest

from constructs_lib.cli.screen import Screen
from constructs_lib.cli.stdout import writing_stdout
from constructs_lib.core.errors import StoreError


def test_a_stdout_that_takes_nothing_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a reader that went away is none: `constructs-lib inspect … | head` ends as it always did."""
    screen = Screen(quiet=True, no_color=True)
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123 - as a shell opens it
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(
            StoreError, match=r"^stdout cannot be written: No space left on device; redirect it"
        ):
            screen.show({"a": 1}, lambda: "one", as_json=True)
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(StoreError, match="it is closed"), writing_stdout():
        pass
    monkeypatch.undo()
    with pytest.raises(BrokenPipeError), writing_stdout():
        raise BrokenPipeError(32, "Broken pipe")
