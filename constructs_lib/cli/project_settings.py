"""The options that a project's pyproject.toml gives, in `[tool.constructs-lib]`."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from constructs_lib.cli.setting import SECRET, Setting
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.project.toml_table import TomlTable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

TABLE = "tool.constructs-lib"


def read_settings(
    table: TomlTable, wanted: Iterable[click.Parameter], settings: Iterable[Setting]
) -> dict[str, object]:
    """Return the values for the `wanted` parameters by name.

    `settings` are the options of all commands. Raises a ProjectError for another key, and for a value of a wrong type.
    A path that is relative is relative to the file's folder.
    """
    keys = {setting.key for setting in settings}
    for key in table:
        if key not in keys:
            near = get_close_matches(key, keys, 1)
            remedy = f"did you mean {near[0]}?" if near else "'constructs-lib config' lists the keys"
            raise ProjectError("settings-invalid", f"{table.path}: [{TABLE}] has no key {key!r}: {remedy}")
    return {
        setting.name or "": _value(setting, table)
        for setting in wanted
        if isinstance(setting, Setting) and setting.key in table
    }


def read_table(folder: Path) -> TomlTable:
    """Return the table `[tool.constructs-lib]`; an empty one where the folder has none."""
    path = folder / "pyproject.toml"
    try:
        exists = path.is_file()
    except (OSError, ValueError):  # the build explains what is wrong with the path
        exists = False
    if not exists:
        return TomlTable({}, path, "settings-invalid", TABLE)
    document = TomlTable.read(path, "settings-invalid")
    return document.table("tool").table("constructs-lib")


def _value(setting: Setting, table: TomlTable) -> object:
    value = table.values[setting.key]
    if setting.multiple:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return value
        raise _refusal(setting, table, "a list of strings")
    if setting.flag_value == "":  # --container [IMAGE]
        if isinstance(value, (bool, str)):
            return value if isinstance(value, str) else str(value).lower()
        raise _refusal(setting, table, "true, false or a string")
    if setting.is_flag:
        if isinstance(value, bool):
            return value
        raise _refusal(setting, table, "true or false")
    return _scalar(value, setting, table)


def _scalar(value: object, setting: Setting, table: TomlTable) -> object:
    """Return the value of an option that has one, as its type reads it."""
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        raise _refusal(setting, table, "a string or a number")
    choices = setting.type.choices if isinstance(setting.type, click.Choice) else ()
    if choices and isinstance(value, float) and str(value) not in choices:  # TOML reads 3.10 as 3.1
        raise _refusal(setting, table, "a string: write it in quotes")
    # An empty path is left for the option to refuse: it would be the folder itself.
    if isinstance(setting.type, click.Path) and value not in {"", "-"}:
        return str(table.path.parent / str(value))
    return value if setting.count else str(value)


def _refusal(setting: Setting, table: TomlTable, meaning: str) -> ProjectError:
    value = "…" if setting.key in SECRET else table.values[setting.key]
    return table.refusal(table.key_of(setting.key), value, meaning)
