"""The exit code and the last line of a command."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import click
import pytest

from constructs_lib.cli.app import _Commands, app
from constructs_lib.cli.option_table import GLOBAL
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
    group = _Commands(params=[*GLOBAL], callback=lambda **_: None)

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


@pytest.mark.parametrize(("flag", "shown"), [("-v", False), ("-vv", True)])
def test_the_traceback_of_a_refusal_takes_two_flags(flag: str, *, shown: bool) -> None:
    """A refusal on purpose needs none to be understood."""
    done = CliRunner().invoke(app, ["build", "nowhere", flag])
    assert ("Traceback" in done.stderr) is shown


def test_an_error_is_json_where_the_result_was_to_be() -> None:
    """On stdout, with the exit code; the line on stderr stays."""
    done = CliRunner().invoke(app, ["build", "nowhere", "--json"])
    error = json.loads(done.stdout)["error"]
    assert (done.exit_code, error["id"], error["exit_code"]) == (1, "entry-invalid", 1)
    assert done.stderr == f"error[entry-invalid]: {error['text']}\n"
    wrong = CliRunner().invoke(app, ["build", "--json", "--python", "2.7"])
    error = json.loads(wrong.stdout)["error"]
    assert (wrong.exit_code, error["id"], error["exit_code"]) == (2, "usage", 2)
    assert json.loads(CliRunner().invoke(app, ["biuld", "--json"]).stdout)["error"]["id"] == "usage"


@pytest.mark.parametrize("arguments", [["-q", "build"], ["build", "-q"], ["build", "nowhere", "--quiet"]])
def test_global_options_stand_anywhere(arguments: list[str]) -> None:
    """Before and after the command."""
    assert "No such option" not in CliRunner().invoke(app, arguments).stderr


def test_help_version_and_completion_import_no_pipeline() -> None:
    """They have the options alone: neither the pipeline nor rich, boto3 or TOML."""
    code = """
import sys
from constructs_lib.cli.app import app
try:
    app(%r, prog_name="constructs-lib")
except SystemExit:
    pass
print(sorted(name for name in sys.modules if name.startswith("constructs_lib.core.")), file=sys.stderr)
print([name for name in ("rich", "boto3", "tomllib", "packaging", "logging") if name in sys.modules], file=sys.stderr)
"""
    words = {"COMP_WORDS": "constructs-lib build --", "COMP_CWORD": "2"}
    completing = {"_CONSTRUCTS_LIB_COMPLETE": "bash_complete", **words}
    for arguments, environment in (
        (["--help"], {}),
        (["--version"], {}),
        (["build", "--help"], {}),
        ([], completing),
    ):
        program = [sys.executable, "-c", code % arguments]
        done = subprocess.run(
            program, env={**os.environ, **environment}, capture_output=True, text=True, check=True
        )
        modules, others = done.stderr.splitlines()
        light = [
            "constructs_lib.core.aws_facts",
            "constructs_lib.core.errors",
            "constructs_lib.core.on_demand",
        ]
        assert (modules, others) == (str(light), "[]"), arguments
        assert "--python" in done.stdout or arguments in (["--help"], ["--version"])


@pytest.mark.parametrize("library", ["click", "rich"])
def test_a_library_that_is_not_installed_is_one_line(library: str) -> None:
    """At the start, or where a table is drawn, with the way to install it."""
    code = f"import sys; sys.modules[{library!r}] = None; from constructs_lib.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code, "config"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert line.startswith(f"error[cli-missing]: the command line needs {library}, which is not installed: ")


def test_a_reader_that_went_away_is_no_surprise() -> None:
    group = _Commands()

    @group.command()
    def step() -> None:
        raise BrokenPipeError(32, "Broken pipe")

    assert CliRunner().invoke(group, ["step"]).stderr == ""


def test_an_interrupt_is_json_where_the_result_was_to_be() -> None:
    """A program that reads stdout finds one document in every case."""
    group = _Commands()

    @group.command()
    @click.option("--json", "as_json", is_flag=True)
    def step(*, as_json: bool) -> None:
        assert as_json
        raise KeyboardInterrupt

    done = CliRunner().invoke(group, ["step", "--json"])
    error = json.loads(done.stdout)["error"]
    assert (done.exit_code, error["id"], error["exit_code"]) == (130, "interrupted", 130)


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
