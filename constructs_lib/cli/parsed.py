"""The parts of a parsed command line: the places of values, and the global options wherever they stood."""

from __future__ import annotations

import os
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
_FALSE = frozenset({"", "0", "f", "false", "n", "no", "off"})
"""The ways in which click reads False from a variable."""


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


def typed_values(ctx: click.Context) -> dict[str, Any]:
    """Return the values that stand on the command line, before or after the command, by the parameters' names."""
    chosen = {name: value for name, (place, value) in ctx.meta.get(_CHOSEN, {}).items() if place == 0}
    return chosen | {name: value for name, value in ctx.params.items() if place_of(ctx, name) == 0}


def note_arguments(ctx: click.Context, args: Sequence[str]) -> None:
    """Note whether the result is wanted as JSON, for errors before the options are parsed."""
    options = args[: args.index("--")] if "--" in args else args
    if "--json" in options or _json_variable().lower() not in _FALSE:
        note_json(ctx)


def note_json_setting(ctx: click.Context) -> None:
    """Note that the project's file asks for JSON; the variable overrides it."""
    if not _json_variable() and any(option.name == "as_json" for option in ctx.command.params):
        note_json(ctx)


def _json_variable() -> str:
    return os.environ.get("CONSTRUCTS_LIB_JSON", "").strip()


def note_json(ctx: click.Context) -> None:
    """Note that the result is wanted as JSON."""
    ctx.meta[_JSON] = True


def note_answer(ctx: click.Context) -> None:
    """Note that the result was written: an error after it adds no second document."""
    ctx.meta[_ANSWERED] = True


def expects_json(ctx: click.Context) -> bool:
    """Return whether an error is to be a JSON document on stdout."""
    return bool(ctx.meta.get(_JSON)) and not ctx.meta.get(_ANSWERED)


def with_origin(ctx: click.Context, error: click.BadParameter) -> click.BadParameter:
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
