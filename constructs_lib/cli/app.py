"""The command group; a failure is one line on stderr and an exit code."""

from __future__ import annotations

from typing import IO, Any

import click

from constructs_lib.cli.command_table import COMMANDS
from constructs_lib.cli.completion import completion
from constructs_lib.cli.lazy_command import GlobalGroup
from constructs_lib.cli.option_table import GLOBAL
from constructs_lib.cli.parsed import expects_json, global_option, note_arguments
from constructs_lib.cli.version import VERSION
from constructs_lib.core.errors import ArtifactError, ToolError

INTERRUPTED = 130
"""128 and the number of the signal, as in shells."""

EPILOG = """\b
Exit codes:
  0    done; also `plan` with nothing to do
  1    refused or failed; stderr has one line, error[id]: …, with the remedy
  2    wrong usage
  3    `plan --exit-code` found something to do
  130  interrupted
"""


class _Commands(GlobalGroup):
    """A group that turns the library's errors into one line each."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        note_arguments(ctx, args)
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            _answer(ctx, "usage", error.format_message(), error.exit_code)
            raise

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        try:
            return super().invoke(ctx)
        except ArtifactError as error:
            raise _refusal(ctx, error) from error
        except KeyboardInterrupt:
            _answer(ctx, "interrupted", "the command was interrupted", INTERRUPTED)
            raise click.exceptions.Exit(INTERRUPTED) from None
        except click.ClickException as error:
            _answer(ctx, "usage", error.format_message(), error.exit_code)
            raise
        except (click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise  # click's own ways to end, and a reader that went away
        except Exception as error:  # the door: whatever comes here becomes one line
            if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] == "rich":
                raise _refusal(ctx, _missing("rich")) from error
            # Seldom needed, and 10 ms.
            from constructs_lib.core.system.unexpected import unexpected

            surprise = unexpected(error, f"constructs-lib {ctx.invoked_subcommand}")
            surprise.__cause__ = error
            raise _refusal(ctx, surprise) from error


def _missing(name: str) -> ToolError:
    """Return the error for a library of the command line that is not installed."""
    from constructs_lib.core.extras import install_command  # seldom needed

    text = f"the command line needs {name}, which is not installed: {install_command('cli')}"
    return ToolError("cli-missing", text)


def _refusal(ctx: click.Context, error: ArtifactError) -> click.ClickException:
    # Seldom needed, and 10 ms.
    from constructs_lib.cli.wording import in_options
    from constructs_lib.core.system.unexpected import traceback_of

    if verbosity := global_option(ctx, "verbose"):
        click.echo(traceback_of(error, always=verbosity > 1), err=True, nl=False)
    text = in_options(str(error))
    _answer(ctx, error.id, text, 1)
    return _Refusal(f"error[{error.id}]: {text}")


def _answer(ctx: click.Context, error_id: str, text: str, exit_code: int) -> None:
    """Write the error as JSON to stdout, where the result was to be JSON."""
    if expects_json(ctx):
        from constructs_lib.cli.screen import write_json  # as above

        write_json({"error": {"id": error_id, "text": text, "exit_code": exit_code}})


class _Refusal(click.ClickException):
    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, file=file, err=True)


def _show_version(ctx: click.Context, _option: click.Parameter, *, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(VERSION)
        ctx.exit()


app = _Commands(
    "constructs-lib",
    callback=lambda **_: None,
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=lambda ctx, option, value: _show_version(ctx, option, value=value),
            help="Show the version and exit.",
        ),
        *GLOBAL,
    ],
    commands=[*COMMANDS, completion],
    epilog=EPILOG,
    help="""Build and publish Lambda layers, source zips and functions in one zip from a project's lock file.

    Each option can also come from an environment variable, CONSTRUCTS_LIB_PYTHON for instance, or from
    [tool.constructs-lib] in pyproject.toml; `constructs-lib config` shows them.
    """,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
