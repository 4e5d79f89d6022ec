"""The output of a command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rich.table import Table

from constructs_lib.cli.screen import Screen, describe_changes
from constructs_lib.core.report.changes import compare_contents
from constructs_lib.core.sbom.reading import Content

if TYPE_CHECKING:
    import pytest


def test_a_result_is_json_or_text_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen(quiet=True, no_color=True)
    screen.show({"a": 1}, lambda: "one", as_json=True)
    screen.show({"a": 1}, lambda: "one", as_json=False)
    out, err = capsys.readouterr()
    assert (json.loads(out.removesuffix("one\n")), err) == ({"schema": 1, "a": 1}, "")


def test_a_table_is_rendered(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("version")
    table.add_row("7")
    Screen(quiet=False, no_color=True).show({}, lambda: table, as_json=False)
    assert "7" in capsys.readouterr().out


def test_progress_is_quiet_if_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    for quiet in (True, False):
        with Screen(quiet=quiet, no_color=True).progress.step("built", "building"):
            pass
    assert capsys.readouterr().err.count("built") == 1


def test_colors_are_off_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert (Screen(quiet=False, no_color=False).color, Screen(quiet=False, no_color=True).color) == (
        None,
        False,
    )
    monkeypatch.setenv("NO_COLOR", "1")
    assert Screen(quiet=False, no_color=False).color is False


def test_differences_are_described_for_a_machine() -> None:
    [row] = describe_changes(compare_contents({}, {"cart": Content("1.0", "", 10)}))
    assert (row["name"], row["change"], row["before"], row["after"]) == ("cart", "added", None, "1.0")


def test_a_table_that_is_piped_is_not_cut(capsys: pytest.CaptureFixture[str]) -> None:
    """Only a terminal limits it."""
    table = Table()
    table.add_column("arn")
    table.add_row("x" * 500)
    Screen().show({}, lambda: table, as_json=False)
    assert "x" * 500 in capsys.readouterr().out
