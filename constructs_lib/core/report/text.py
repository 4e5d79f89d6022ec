"""The report as a table for a terminal."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

from constructs_lib.core.aws_facts import UNZIPPED_LIMIT
from constructs_lib.core.progress import readable
from constructs_lib.core.report.report_error import optional

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from constructs_lib.core.report.changes import Changes
    from constructs_lib.core.report.layer_report import LayerReport

_WIDTH = 100
"""Columns where there is no terminal to ask."""


def render_text(report: LayerReport, width: int | None = None, *, colour: bool | None = None) -> str:
    """Tables of sizes, findings and changes, `width` columns wide.

    Without the arguments both are as stdout likes it: as wide as the terminal, and coloured if it is one and
    `NO_COLOR` is not set.
    """
    console_module = optional("rich.console")
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


def _text(text: str, style: str = "") -> Text:
    """Text as it is: no markup of rich, no control character for the terminal."""
    shown = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
    found: Text = optional("rich.text").Text(shown, style)
    return found


def _table(*columns: str, left: int) -> Table:
    box = optional("rich.box").SIMPLE_HEAD
    table: Table = optional("rich.table").Table(box=box, pad_edge=False)
    for number, column in enumerate(columns):
        numeric = number >= left
        table.add_column(column, justify="right" if numeric else "left", no_wrap=numeric, overflow="fold")
    return table


def _sizes(report: LayerReport) -> Table:
    table = _table("distribution", "version", "unzipped", "of 250 MB", "zipped", "files", left=2)
    for row in report.rows:
        sizes = (readable(row.unzipped), f"{row.share:.1%}", readable(row.zipped), f"{len(row.members):,}")
        table.add_row(_text(row.name), _text(row.version), *sizes)
    archive = report.archive
    table.add_section()
    table.add_row(
        f"{len(report.rows)} distributions",
        "",
        readable(archive.unzipped),
        f"{report.share:.1%}",
        readable(archive.size),
        f"{archive.files:,}",
        style="red bold" if archive.unzipped > UNZIPPED_LIMIT else "bold",
    )
    return table


def changes_table(changes: Changes) -> Table | str:
    """What differs, as a table of rich; a sentence where nothing does."""
    if not changes.rows:
        return "Nothing has changed."
    table = _table("change", "distribution", "from", "to", "unzipped", left=4)
    for row in changes.rows:
        style = {"added": "green", "removed": "red"}.get(row.kind, "")
        cells = (row.kind, row.name, row.before, row.after)
        table.add_row(*(_text(cell, style) for cell in cells), signed(row.unzipped))
    table.add_section()
    table.add_row("all", "", "", "", signed(changes.unzipped), style="bold")
    return table


def signed(size: int) -> str:
    """A difference in bytes: `+1.2 MB`, `-3.4 kB`, `0`."""
    return f"{'+' if size > 0 else '-'}{readable(abs(size))}" if size else "0"
