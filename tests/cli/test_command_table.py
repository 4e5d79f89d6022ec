"""The table of commands."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import TYPE_CHECKING

import click

from constructs_lib.cli.command_table import COMMANDS
from constructs_lib.cli.lazy_command import LazyCommand
from constructs_lib.cli.option_table import ATTRIBUTES, BUILD, GLOBAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def lazy(commands: Iterable[click.Command]) -> Iterator[LazyCommand]:
    for command in commands:
        if isinstance(command, click.Group):
            yield from lazy(command.commands.values())
        elif isinstance(command, LazyCommand):
            yield command


def names(parameters: Iterable[click.Parameter]) -> set[str]:
    return {parameter.name or "" for parameter in parameters}


def test_every_command_has_a_body_for_its_options() -> None:
    """The function of its name takes what the options make, and nothing else."""
    gathered = {
        "build": names(BUILD),
        "clients": {"profile", "region"},
        "layer": {"layer_name", "s3", "bucket_owner", "stack", "construct", "clients"},
        "attributes": names(ATTRIBUTES),
    }
    for command in lazy(COMMANDS):
        module = import_module(f"constructs_lib.cli.{command.home}")
        function = getattr(module, (command.name or "").replace("-", "_"))
        values = names(command.params) - names(GLOBAL) - {"yes"}
        for name, options in gathered.items():
            sign = {
                "build": "python",
                "clients": "profile",
                "layer": "layer_name",
                "attributes": "license_info",
            }
            if sign[name] in values:
                values = values - options | {name}
        assert set(inspect.signature(function).parameters) == {"screen", *values}, command.name


def test_every_command_can_answer_in_json() -> None:
    """But `invoke`, whose answer is the function's own."""
    without = {command.name for command in lazy(COMMANDS) if "as_json" not in names(command.params)}
    assert without == {"invoke"}
