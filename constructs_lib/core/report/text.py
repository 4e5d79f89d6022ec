"""The report as tables for a terminal."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

from constructs_lib.core.argument_types import typed
from constructs_lib.core.aws_facts import UNZIPPED_LIMIT
from constructs_lib.core.progress import counted, readable
from constructs_lib.core.report.extra import import_extra

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from constructs_lib.core.report.changes import Changes
    from constructs_lib.core.report.layer_report import LayerReport

_WIDTH = 10_000
"""Columns, if stdout is no terminal: a program that reads the lines needs them whole."""


@typed
def render_text(report: LayerReport, width: int | None = None, *, colour: bool | None = None) -> str:
    """Render tables of sizes, findings and changes, `width` columns wide.

    By default as wide as the terminal, of any width elsewhere, and with colors if stdout is a terminal and `NO_COLOR` is not set.
    """
    console_module = import_extra("rich.console")
    if colour is None:
        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    console = console_module.Console(
        file=io.StringIO(),
        width=width or (console_module.Console().width if sys.stdout.isatty() else _WIDTH),
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        legacy_windows=False,
    )
    console.print(_text(f"{report.title}, {report.subtitle}", "bold"))
    console.print(_sizes(report))
    for finding in report.findings:
        console.print(_text(f"{finding.level}: {finding.text}", "yellow"))
    if report.changes is not None:
        console.print(changes_table(report.changes))
    lines = console.file.getvalue().rstrip().splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _text(content: str, style: str = "") -> Text:
    """Return the content as it is: no markup of rich, no control character for the terminal."""
    shown = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in content)
    text: Text = import_extra("rich.text").Text(shown, style)
    return text


def _table(*columns: str, text_columns: int) -> Table:
    """Make a table; the columns after the first `text_columns` hold numbers, aligned to the right."""
    box = import_extra("rich.box").SIMPLE_HEAD
    table: Table = import_extra("rich.table").Table(box=box, pad_edge=False)
    for position, column in enumerate(columns):
        numeric = position >= text_columns
        table.add_column(column, justify="right" if numeric else "left", no_wrap=numeric, overflow="fold")
    return table


def _sizes(report: LayerReport) -> Table:
    columns = ["distribution", "version", "unzipped", "of limit", "zipped", "files"]
    excluded = report.excluded_bytes
    table = _table(*columns, *(["left out"] if excluded else []), text_columns=2)
    for row in report.rows:
        sizes = (readable(row.unzipped), f"{row.share:.1%}", readable(row.zipped), f"{len(row.members):,}")
        left_out = [readable(excluded[row.name])] if row.name in excluded else []
        table.add_row(_text(row.name), _text(row.version), *sizes, *left_out)
    archive = report.archive
    table.add_section()
    table.add_row(
        counted(len(report.rows), "distribution"),
        "",
        readable(archive.unzipped),
        f"{report.share:.1%}",
        readable(archive.size),
        f"{archive.files:,}",
        *([readable(sum(excluded.values()))] if excluded else []),
        style="red bold" if archive.unzipped > UNZIPPED_LIMIT else "bold",
    )
    return table


def changes_table(changes: Changes) -> Table | str:
    """Return the differences as a table of rich, or a sentence if there are none."""
    if not changes.rows:
        return "Nothing has changed."
    table = _table("change", "distribution", "from", "to", "unzipped", text_columns=4)
    for row in changes.rows:
        style = {"added": "green", "removed": "red"}.get(row.kind, "")
        cells = (row.kind, row.name, row.before, row.after)
        table.add_row(*(_text(cell, style) for cell in cells), signed(row.unzipped))
    table.add_section()
    table.add_row("all", "", "", "", signed(changes.unzipped), style="bold")
    return table


def signed(size: int) -> str:
    """Return a difference in bytes with its sign: `+1.2 MB`, `-3.4 kB`, `0`."""
    return f"{'+' if size > 0 else '-'}{readable(abs(size))}" if size else "0"
