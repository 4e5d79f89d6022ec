"""Write the reference of the command line: every command with its options, from click's own objects.

`python -m tools.reference.command_line` writes `docs/reference/command-line.md`; a test compares the page with the code.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import click

from constructs_lib.cli.app import app
from constructs_lib.cli.option_table import GLOBAL
from tools.reference.symbols import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = ROOT / "docs" / "reference" / "command-line.md"
_INTRODUCTION = """\
# Commands and options

Every command of `constructs-lib`, made from the code. [The command line](../guides/command-line.md) explains them with examples.

The key of an option in `[tool.constructs-lib]` of pyproject.toml is its long name without dashes at the beginning, and its
environment variable is `CONSTRUCTS_LIB_` with that name in capitals: `only-group` and `CONSTRUCTS_LIB_ONLY_GROUP` for `--only-group`.
"""


def page() -> str:
    """Return the text of the page."""
    parts = [
        _INTRODUCTION,
        "## Options of every command\n\nThey stand before or after the command.\n",
        _options(list(GLOBAL)),
    ]
    for path, command in _commands((), app):
        parts += [f"## {' '.join(path)}\n", _usage(path, command), _help(command)]
        if options := [option for option in command.params if option not in GLOBAL]:
            parts.append(_options(options))
    return "\n".join(part for part in parts if part).rstrip() + "\n"


def _commands(path: tuple[str, ...], group: click.Group) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from _commands((*path, name), command)
        else:
            yield (*path, name), command


def _usage(path: tuple[str, ...], command: click.Command) -> str:
    context = click.Context(command)
    words = [*path, *command.collect_usage_pieces(context)]
    return f"```text\nconstructs-lib {' '.join(words)}\n```\n"


def _help(command: click.Command) -> str:
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs) + "\n"


def _options(parameters: list[click.Parameter]) -> str:
    rows = [_row(option) for option in parameters if isinstance(option, click.Option)]
    return "\n".join(["| option | |", "|---|---|", *rows, ""]) if rows else ""


def _row(option: click.Option) -> str:
    context = click.Context(click.Command("x"))
    names, text = option.get_help_record(context) or ("", "")
    return f"| `{names.replace('|', chr(92) + '|')}` | {text.replace('|', chr(92) + '|')} |"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
