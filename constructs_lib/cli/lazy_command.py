"""Commands whose options are known at once, and whose code is imported when they run."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from constructs_lib.cli.option_table import GLOBAL
from constructs_lib.cli.parsed import (
    note_global_options,
    note_json,
    note_json_setting,
    settings_of,
    with_origin,
)


class LazyCommand(click.Command):
    """A command with the global options, whose body is a function of a module of this package.

    `home` is that module's name; the function has the command's name.
    """

    def __init__(self, name: str, home: str, text: str, *params: click.Parameter) -> None:
        super().__init__(name, params=[*params, *GLOBAL], help=text)
        self.home = home

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, with the settings of the project's pyproject.toml as defaults."""
        parser = self.make_parser(ctx)
        parser.ignore_unknown_options = True  # the settings come first: they may ask for errors as JSON
        given, _, _ = parser.parse_args(list(args))
        help_option = self.get_help_option(ctx)
        wants_help = help_option is not None and given.get(help_option.name) is True
        if not ctx.resilient_parsing and not wants_help:
            entry = given.get("entry")
            # A third of the time that the help takes.
            from pathlib import Path

            from constructs_lib.cli.project_settings import read_settings, read_table

            table = read_table(Path(entry) if isinstance(entry, str) else Path())
            if table.values.get("json") is True:
                note_json_setting(ctx)
            ctx.default_map = read_settings(table, self.params, settings_of(ctx.find_root().command))
        try:
            rest = super().parse_args(ctx, args)
        except click.BadParameter as error:
            raise with_origin(ctx, error) from None
        note_global_options(ctx)
        if ctx.params.get("as_json"):
            note_json(ctx)
        return rest

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        """Import the body and run it with the values that the options make."""
        # What they import takes longer than a help may.
        from constructs_lib.cli.running import running

        function = (self.name or "").replace("-", "_")
        with running(ctx) as (screen, values):
            getattr(import_module(f"constructs_lib.cli.{self.home}"), function)(screen, **values)
        return None


class GlobalGroup(click.Group):
    """A group whose global options may stand before the command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the group's own options."""
        try:
            rest = super().parse_args(ctx, args)
        except click.BadParameter as error:
            raise with_origin(ctx, error) from None
        note_global_options(ctx)
        return rest
