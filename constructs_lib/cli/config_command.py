"""`constructs-lib config`: each option's value and its origin."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import click

from constructs_lib.cli.parsed import settings_of, typed_values
from constructs_lib.cli.project_settings import read_settings, read_table
from constructs_lib.cli.setting import SECRET, VARIABLES
from constructs_lib.core.project.pyproject import folder_of
from constructs_lib.core.system.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.table import Table

    from constructs_lib.cli.screen import Screen
    from constructs_lib.cli.setting import Setting
    from constructs_lib.core.project.toml_table import TomlTable

_NO_OPTIONS = frozenset(
    f"{VARIABLES}_{name}"
    for name in ("STORE_KEY", "COMPLETE", "REMOTE_STORE", "REMOTE_STORE_WRITE", "REMOTE_STORE_WHEELS")
)
"""Variables of the library that no option stands for."""


class _Row(NamedTuple):
    key: str
    variable: str
    value: str | None
    origin: str


def config(screen: Screen, entry: Path, *, as_json: bool) -> None:
    """Show the options that the command line, variables, pyproject.toml and defaults give."""
    context = click.get_current_context()
    settings = {setting.key: setting for setting in settings_of(context.find_root().command)}
    folder_of(entry)  # a misspelled one would show the defaults
    table = read_table(entry)
    read_settings(table, settings.values(), settings.values())  # for the types of all values
    typed = typed_values(context)
    rows = [_row(setting, table, typed) for _, setting in sorted(settings.items())]
    known = {row.variable for row in rows} | _NO_OPTIONS
    unknown = sorted(name for name in os.environ if name.startswith(f"{VARIABLES}_") and name not in known)
    for name in unknown:
        screen.warn(f"the environment variable {name} belongs to no option")
    document = {
        "pyproject": str(table.path),
        "options": [row._asdict() for row in rows],
        "unknown_variables": unknown,
    }
    screen.show(document, lambda: _table(rows), as_json=as_json)


def _row(setting: Setting, table: TomlTable, typed: Mapping[str, object]) -> _Row:
    value, origin = _value(setting, table, typed)
    shown = "…" if value is not None and setting.key in SECRET and origin != "default" else value
    return _Row(setting.key, setting.variable, redact(shown) if shown is not None else None, origin)


def _value(setting: Setting, table: TomlTable, typed: Mapping[str, object]) -> tuple[str | None, str]:
    if setting.name in typed:
        return _text(typed[setting.name]), "command line"
    if variable := os.environ.get(setting.variable):
        return variable, "environment"
    if setting.key in table:
        return _text(table.values[setting.key]), "pyproject.toml"
    default = setting.to_info_dict()["default"]
    return (None if default in (None, "", ()) or "UNSET" in repr(default) else _text(default)), "default"


def _text(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return " ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _table(rows: list[_Row]) -> Table:
    from rich.table import Table  # 50 ms that JSON does not need

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("option", "value", "from", "variable"):
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(f"--{row.key}", row.value or "-", row.origin, row.variable)
    return table
