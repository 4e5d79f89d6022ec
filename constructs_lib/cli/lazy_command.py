"""Commands whose options are known at once, and whose code is imported when they run."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from constructs_lib.cli.option_table import GLOBAL
from constructs_lib.cli.setting import Setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PLACES = (
    ParameterSource.COMMANDLINE,
    ParameterSource.ENVIRONMENT,
    ParameterSource.DEFAULT_MAP,
    ParameterSource.DEFAULT,
)
"""The places of a value, the one that counts first."""
_CHOSEN = "constructs_lib.cli.chosen"
_JSON = "constructs_lib.cli.json"
_ANSWERED = "constructs_lib.cli.answered"


class LazyCommand(click.Command):
    """A command with the global options, whose body is a function of a module of this package.

    `home` is that module's name; the function has the command's name.
    """

    def __init__(self, name: str, home: str, text: str, *params: click.Parameter) -> None:
        super().__init__(name, params=[*params, *GLOBAL], help=text)
        self.home = home

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, with the settings of the project's pyproject.toml as defaults."""
        given, _, _ = self.make_parser(ctx).parse_args(list(args))
        help_option = self.get_help_option(ctx)
        wants_help = help_option is not None and given.get(help_option.name) is True
        if not ctx.resilient_parsing and not wants_help:
            entry = given.get("entry")
            # A third of the time that the help takes.
            from constructs_lib.cli.project_settings import read_settings

            folder = Path(entry) if isinstance(entry, str) else Path()
            ctx.default_map = read_settings(folder, self.params, settings_of(ctx.find_root().command))
        try:
            rest = super().parse_args(ctx, args)
        except click.BadParameter as error:
            raise _with_origin(ctx, error) from None
        note_global_options(ctx)
        if ctx.params.get("as_json"):
            ctx.meta[_JSON] = True
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
        rest = super().parse_args(ctx, args)
        note_global_options(ctx)
        return rest


def place_of(ctx: click.Context, name: str) -> int:
    """Return where a parameter's value comes from: its position in `PLACES`."""
    source = ctx.get_parameter_source(name)
    return PLACES.index(source) if source in PLACES else len(PLACES) - 1


def settings_of(command: click.Command) -> Iterator[Setting]:
    """Yield the options of a group's commands, at every depth."""
    for parameter in command.params:
        if isinstance(parameter, Setting):
            yield parameter
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            yield from settings_of(inner)


def note_global_options(ctx: click.Context) -> None:
    """Take the global options out of the parameters; what was said most explicitly counts, before or after the command."""
    chosen = ctx.meta.setdefault(_CHOSEN, {})
    for setting in GLOBAL:
        name = setting.name or ""
        if name in ctx.params:
            value, place = ctx.params.pop(name), place_of(ctx, name)
            if name not in chosen or place <= chosen[name][0]:
                chosen[name] = (place, value)


def global_option(ctx: click.Context, name: str) -> Any:  # noqa: ANN401 - of any type
    """Return the value of a global option; None before it was parsed."""
    return ctx.meta.get(_CHOSEN, {}).get(name, (None, None))[1]


def note_arguments(ctx: click.Context, args: Sequence[str]) -> None:
    """Note whether the result is wanted as JSON, for errors before the options are parsed."""
    options = args[: args.index("--")] if "--" in args else args
    ctx.meta[_JSON] = "--json" in options or bool(os.environ.get("CONSTRUCTS_LIB_JSON"))


def note_answer(ctx: click.Context) -> None:
    """Note that the result was written: an error after it adds no second document."""
    ctx.meta[_ANSWERED] = True


def expects_json(ctx: click.Context) -> bool:
    """Return whether an error is to be a JSON document on stdout."""
    return bool(ctx.meta.get(_JSON)) and not ctx.meta.get(_ANSWERED)


def _with_origin(ctx: click.Context, error: click.BadParameter) -> click.BadParameter:
    """Name the place of a wrong value that is not on the command line."""
    setting = error.param
    if isinstance(setting, Setting):
        source = ctx.get_parameter_source(setting.name or "")
        if source is ParameterSource.ENVIRONMENT:
            place = f"from the environment variable {setting.variable}"
        elif source is ParameterSource.DEFAULT_MAP:
            place = f"from [tool.constructs-lib] {setting.key} in pyproject.toml"
        else:
            return error
        return click.BadParameter(f"{error.message} ({place})", error.ctx, error.param)
    return error
