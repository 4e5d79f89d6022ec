"""The exit code and the last line of a command."""

from __future__ import annotations

import click
import pytest

from constructs_lib.cli.app import _Commands, app
from constructs_lib.core.errors import ProjectError
from tests.support.click_runner import CliRunner


@pytest.mark.parametrize(
    ("raised", "code", "told"),
    [
        (None, 0, ""),
        (
            ProjectError("lock-stale", "greeter/uv.lock is stale: run 'uv lock'"),
            1,
            "error[lock-stale]: greeter/uv.lock is stale: run 'uv lock'\n",
        ),
        (KeyboardInterrupt(), 130, ""),
        (click.UsageError("no"), 2, None),
    ],
    ids=["done", "refused", "interrupted", "usage"],
)
def test_the_exit_code_says_how_it_ended(raised: BaseException | None, code: int, told: str | None) -> None:
    group = _Commands()

    @group.command()
    def step() -> None:
        if raised is not None:
            raise raised

    done = CliRunner().invoke(group, ["step"])
    assert done.exit_code == code
    if told is not None:
        assert done.stderr == told
    assert done.stdout == ""


@pytest.mark.parametrize("verbose", [False, True])
def test_what_nobody_raises_on_purpose_is_one_line(*, verbose: bool) -> None:
    """It names the command and asks for a report; the traceback is shown on demand only."""

    @click.group(cls=_Commands)
    @click.option("--verbose", is_flag=True)
    def group(*, verbose: bool) -> None:
        del verbose

    @group.command()
    def step() -> None:
        raise ZeroDivisionError("by nothing")

    done = CliRunner().invoke(group, ["--verbose", "step"] if verbose else ["step"])
    assert done.exit_code == 1
    *traceback, line = done.stderr.splitlines()
    assert line.startswith(
        "error[unexpected-failure]: constructs-lib step: unexpected ZeroDivisionError: by nothing. This is"
    )
    assert bool(traceback) is verbose
    assert not verbose or traceback[-1] == "ZeroDivisionError: by nothing"


def test_a_reader_that_went_away_is_no_surprise() -> None:
    group = _Commands()

    @group.command()
    def step() -> None:
        raise BrokenPipeError(32, "Broken pipe")

    assert CliRunner().invoke(group, ["step"]).stderr == ""


def test_every_command_says_what_it_does() -> None:
    assert all(command.help for command in app.commands.values())


def test_the_list_of_commands_cuts_no_line_short() -> None:
    """On a terminal of 80 columns."""
    told = CliRunner().invoke(app, ["--help"], terminal_width=80).stdout
    assert "..." not in told.partition("Commands:")[2]


def test_a_layers_name_and_place_come_first() -> None:
    """What must be given stands above what may be."""
    for name in ("plan", "publish", "versions", "diff", "prune"):
        options = [each for each in app.commands[name].params if isinstance(each, click.Option)]
        assert [each.opts[0] for each in options[:2]] == ["--layer-name", "--s3"]
