"""The commands; a failure is one line on stderr and an exit code."""

from __future__ import annotations

from importlib.metadata import version
from typing import IO, Any

import click

from constructs_lib.cli.build_command import build, inspect
from constructs_lib.cli.completion import completion
from constructs_lib.cli.invoke_command import invoke
from constructs_lib.cli.log_lines import log_to_stderr
from constructs_lib.cli.publish_commands import plan, publish, publish_function, publish_source
from constructs_lib.cli.sam_command import sam_template
from constructs_lib.cli.screen import Screen
from constructs_lib.cli.store_command import store
from constructs_lib.cli.version_commands import diff, prune, versions
from constructs_lib.core.errors import ArtifactError, render
from constructs_lib.core.system.unexpected import traceback_of, unexpected

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


class _Commands(click.Group):
    """A group that turns the library's errors into one line each."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        try:
            return super().invoke(ctx)
        except ArtifactError as error:
            raise _refusal(ctx, error) from error
        except KeyboardInterrupt:
            raise click.exceptions.Exit(INTERRUPTED) from None
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise  # click's own ways to end, and a reader that went away
        except Exception as error:  # the door: whatever comes here becomes one line
            surprise = unexpected(error, f"constructs-lib {ctx.invoked_subcommand}")
            surprise.__cause__ = error
            raise _refusal(ctx, surprise) from error


def _refusal(ctx: click.Context, error: ArtifactError) -> _Refusal:
    if ctx.params.get("verbose"):
        click.echo(traceback_of(error), err=True, nl=False)
    return _Refusal(render(error))


class _Refusal(click.ClickException):
    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, file=file, err=True)


@click.group(
    cls=_Commands,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(version("constructs-lib"), message="%(version)s")
@click.option("-q", "--quiet", is_flag=True, help="No progress and notes; results, warnings and errors only.")
@click.option("-v", "--verbose", is_flag=True, help="The traceback of a failure that nothing expects.")
@click.option("--no-color", is_flag=True, help="No colors; the environment variable NO_COLOR does the same.")
@click.pass_context
def app(ctx: click.Context, *, quiet: bool, verbose: bool, no_color: bool) -> None:
    """Build and publish Lambda layers, source zips and functions in one zip from a project's lock file."""
    del verbose  # read where a failure is shown
    ctx.with_resource(log_to_stderr(quiet=quiet))
    ctx.obj = Screen(quiet=quiet, no_color=no_color)


for _command in (
    build,
    inspect,
    invoke,
    plan,
    publish,
    publish_source,
    publish_function,
    versions,
    diff,
    prune,
    sam_template,
    store,
    completion,
):
    app.add_command(_command)
