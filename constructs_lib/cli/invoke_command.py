"""`invoke`: a project's function, or its web app, once on this machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from constructs_lib.cli.options import build_options, file_options
from constructs_lib.cli.screen import writing_stdout
from constructs_lib.core.aws_facts import DEFAULT_MEMORY, DEFAULT_TIMEOUT, LONGEST_TIMEOUT, MOST_MEMORY
from constructs_lib.core.invoke.function_settings import (
    VARIABLE_NAME,
    FunctionSettings,
    HandlerCall,
    WebCall,
)
from constructs_lib.core.invoke.project_function import invoke_project
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.source.source_options import SourceOptions
from constructs_lib.core.system.files import reading

if TYPE_CHECKING:
    from constructs_lib.cli.options import Build
    from constructs_lib.cli.screen import Screen


def _variables(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    variables = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not VARIABLE_NAME.fullmatch(name):
            # What stands behind the sign may be a password.
            shown = f"{name}=…" if equals else name
            raise click.BadParameter(f"{shown!r} is no NAME=VALUE: write --env STAGE=test for instance")
        variables[name] = text
    return variables


def _headers(
    _context: click.Context, _option: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    headers = []
    for value in values:
        name, colon, text = value.partition(":")
        if not colon:
            raise click.BadParameter("a header has a colon: write --header 'Accept: text/html' for instance")
        headers.append((name.strip(), text.strip()))
    return tuple(headers)


def _bytes_of(path: Path) -> bytes:
    """Read a file, or stdin for `-`."""
    if str(path) == "-":
        return sys.stdin.buffer.read()
    with reading(path):
        return path.read_bytes()


def _refuse(wanted: str, **options: object) -> None:
    """Raise for an option that would have no effect."""
    for name, value in options.items():
        if value:
            raise click.UsageError(f"--{name} means nothing without {wanted}: leave it out")


@click.command()
@build_options
@click.option(
    "--handler", metavar="PKG.MOD.FUNCTION", help="The handler, as the function's configuration has it."
)
@click.option(
    "--event",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Its event, JSON; - is stdin. Default: {}.",
)
@click.option(
    "--asgi", metavar="PKG.MOD:APP", help="An ASGI app to send one request to, instead of a handler."
)
@click.option("--wsgi", metavar="PKG.MOD:APP", help="A WSGI app, likewise.")
@click.option("--path", help="The request's path, with its query. Default: /.")
@click.option("--method", help="Its method. Default: GET.")
@click.option("--header", multiple=True, callback=_headers, help="A header, 'Name: value'; repeatable.")
@click.option(
    "--body", type=click.Path(path_type=Path), metavar="FILE", help="The file with its body; - is stdin."
)
@click.option(
    "--env",
    multiple=True,
    callback=_variables,
    metavar="NAME=VALUE",
    help="An environment variable; repeatable.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, LONGEST_TIMEOUT, min_open=True),
    default=DEFAULT_TIMEOUT,
    show_default=True,
    help="Seconds for the invocation.",
)
@click.option(
    "--memory",
    type=click.IntRange(DEFAULT_MEMORY, MOST_MEMORY),
    default=DEFAULT_MEMORY,
    show_default=True,
    help="MB for its processes.",
)
@click.option("--function", "one_zip", is_flag=True, help="Build code and dependencies in one zip.")
@file_options
@click.pass_obj
def invoke(
    screen: Screen,
    build: Build,
    handler: str | None,
    event: Path | None,
    asgi: str | None,
    wsgi: str | None,
    path: str | None,
    method: str | None,
    header: tuple[tuple[str, str], ...],
    body: Path | None,
    env: dict[str, str],
    timeout: float,
    memory: int,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    *,
    one_zip: bool,
) -> None:
    """Run PROJECT's function here, as Lambda would.

    Layer and source, or with --function one zip, are built, unpacked in a temporary folder and run by a Python of the target's version, without
    Docker. The answer is written to stdout, the log to stderr. Exit code 1: the function failed; the answer has
    errorType and errorMessage.
    """
    if handler and not asgi and not wsgi:
        _refuse("--asgi or --wsgi", path=path, method=method, header=header, body=body)
        call: HandlerCall | WebCall = HandlerCall(handler, _bytes_of(event) if event else b"{}")
    elif (app := asgi or wsgi) and not handler and not (asgi and wsgi):
        _refuse("--handler", event=event)
        content = _bytes_of(body) if body else b""
        call = WebCall(app, path or "/", method or "GET", header, content, "asgi" if asgi else "wsgi")
    else:
        raise click.UsageError("give one of --handler, --asgi and --wsgi")
    answer = invoke_project(
        build.entry,
        call,
        build.target,
        FunctionSettings(timeout, memory, env, Project.at(build.entry).root.name),
        options=build.function_options(include, exclude) if one_zip else build.options,
        source=SourceOptions(include or None, exclude or None),
        write_line=lambda line: click.echo(line, err=True),
        progress=screen.progress,
    )
    with writing_stdout():
        click.echo(answer.payload)
    if answer.failed:
        sys.exit(1)
