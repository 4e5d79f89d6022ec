"""The tables for a terminal."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from constructs_lib.core.errors import ReportError
from constructs_lib.core.inspect.findings import Finding
from constructs_lib.core.layer.artifact import ExcludedFiles
from constructs_lib.core.report.changes import Change, Changes
from constructs_lib.core.report.text import render_text
from tests.support.files.reports import report_of

WARNING = Finding("foreign-cpu", "wheel: [red]lib.so[/red] is for aarch64 \x1b[31m")
BASE = report_of(
    ("python/big/a.so", 20_000_000, 9_000_000, "big-1.0-py3-none-any.whl"),
    ("python/small.py", 1_500, 700, "small-2.0-py3-none-any.whl"),
    findings=[WARNING],
)
REPORT = replace(BASE, changes=Changes((Change("big", "added", "", "1.0", 20_000_000),), 1_500, 20_001_500))


def test_the_table_has_sizes_findings_and_changes() -> None:
    """Version, sizes, share and files of each, the sum, and what has changed."""
    text = render_text(REPORT, 100, colour=False)
    cells = [line.split() for line in text.splitlines()]
    assert ["big", "1.0", "20.0", "MB", "7.6%", "9.0", "MB", "1"] in cells
    assert ["small", "2.0", "1.5", "kB", "0.0%", "0.7", "kB", "1"] in cells
    assert ["2", "distributions", "20.0", "MB", "7.6%", "9.0", "MB", "2"] in cells
    assert ["added", "big", "1.0", "+20.0", "MB"] in cells
    assert "Nothing has changed." in render_text(replace(REPORT, changes=Changes((), 1, 1)), 100)


def test_plain_is_plain_and_text_is_no_markup() -> None:
    """No escape sequence in plain text, and none that another's text brings even in colour."""
    plain = render_text(REPORT, 100, colour=False)
    assert "\x1b" not in plain
    assert "[red]lib.so[/red]" in plain
    coloured = render_text(REPORT, 100, colour=True)
    assert "\x1b[" in coloured
    assert "\x1b[31m" not in coloured.partition("change")[0]


def test_it_keeps_to_the_width() -> None:
    """Long names are folded, not cut."""
    name = "x" * 70
    report = report_of((f"python/{name}/a.py", 10, 5, f"{name}-1.0-py3-none-any.whl"))
    lines = render_text(report, 60, colour=False).splitlines()
    assert max(map(len, lines)) <= 60
    assert sum(line.count("x") for line in lines) == 70


def test_a_stdout_that_is_no_terminal_gets_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pytest has taken stdout, as a file or pipe would; `FORCE_COLOR` does not count then."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" not in render_text(REPORT)


def test_what_is_piped_is_neither_cut_nor_folded() -> None:
    """A program reads it line by line: a name or a finding stands on one line."""
    name = "x" * 150
    long = Finding("foreign-cpu", " ".join(["word"] * 60))
    report = report_of((f"python/{name}/a.py", 10, 5, f"{name}-1.0-py3-none-any.whl"), findings=[long])
    lines = render_text(report).splitlines()
    assert f"warning: {long.text}" in lines
    assert any(name in line for line in lines)


def test_a_missing_library_is_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra `report` brings it."""
    monkeypatch.setitem(sys.modules, "rich.console", None)
    with pytest.raises(ReportError, match=r"the report needs rich, .*pip install 'jinja2"):
        render_text(REPORT)


def test_what_was_left_out_is_a_column() -> None:
    """By distribution and in all; no column where everything is in the layer."""
    report = replace(REPORT, excluded=(ExcludedFiles("big", 3, 5_000_000),))
    cells = [line.split() for line in render_text(report, 100, colour=False).splitlines()]
    assert ["big", "1.0", "20.0", "MB", "7.6%", "9.0", "MB", "1", "5.0", "MB"] in cells
    assert ["small", "2.0", "1.5", "kB", "0.0%", "0.7", "kB", "1"] in cells
    assert ["2", "distributions", "20.0", "MB", "7.6%", "9.0", "MB", "2", "5.0", "MB"] in cells
    assert "left out" not in render_text(REPORT, 100, colour=False)
