"""What was parsed: places of values, and global options."""

from __future__ import annotations

import click
import pytest

from constructs_lib.cli.lazy_command import GlobalGroup
from constructs_lib.cli.option_table import GLOBAL
from constructs_lib.cli.parsed import (
    expects_json,
    global_option,
    note_answer,
    note_arguments,
    note_global_options,
)
from tests.support.click_runner import CliRunner


class Step(click.Command):
    """Prints how verbose the run is."""

    def invoke(self, ctx: click.Context) -> None:
        note_global_options(ctx)
        click.echo(global_option(ctx, "verbose"))


@pytest.mark.parametrize(
    ("arguments", "variable", "verbosity"),
    [
        (["step"], None, 0),
        (["step"], "1", 1),
        (["-v", "step"], None, 1),
        (["step", "-vv"], None, 2),
        (["-v", "step", "-vv"], None, 2),
        (["-vv", "step"], "1", 2),
    ],
)
def test_the_most_explicit_global_option_counts(
    arguments: list[str], variable: str | None, verbosity: int
) -> None:
    """One before the command is not undone by a variable, which the command reads too."""
    group = GlobalGroup(params=[*GLOBAL], callback=lambda **_: None, invoke_without_command=True)
    group.add_command(Step("step", params=[*GLOBAL]))
    done = CliRunner().invoke(group, arguments, env={"CONSTRUCTS_LIB_VERBOSE": variable})
    assert done.stdout == f"{verbosity}\n"


def test_json_is_expected_until_it_was_written() -> None:
    """What stands behind `--` is no option."""
    context = click.Context(click.Command("x"))
    note_arguments(context, ["build", "--", "--json"])
    assert not expects_json(context)
    note_arguments(context, ["build", "--json"])
    assert expects_json(context)
    note_answer(context)
    assert not expects_json(context)
