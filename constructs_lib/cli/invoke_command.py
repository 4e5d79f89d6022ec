"""`invoke`: a project's function, or its web app, once on this machine."""

from __future__ import annotations

import errno
import sys
from typing import TYPE_CHECKING

import click

from constructs_lib.cli.stdout import writing_stdout
from constructs_lib.core.invoke.function_settings import (
    FunctionSettings,
    HandlerCall,
    WebCall,
)
from constructs_lib.core.invoke.project_function import invoke_project
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.source.source_options import SourceOptions
from constructs_lib.core.system.files import reading

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.cli.screen import Screen
    from constructs_lib.cli.values import Build


def _bytes_of(path: Path) -> bytes:
    """Read a file, or stdin for `-`."""
    if str(path) != "-":
        with reading(path):
            return path.read_bytes()
    with reading("stdin", "name a file instead of -"):
        if sys.stdin is None:  # Python's sign for a closed one
            raise OSError(errno.EBADF, "it is closed")
        return sys.stdin.buffer.read()


def _refuse(wanted: str, **options: object) -> None:
    """Raise for an option that would have no effect."""
    for name, value in options.items():
        if value:
            raise click.UsageError(f"--{name} means nothing without {wanted}: leave it out")


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
    function: bool,
) -> None:
    """Run a handler, or send a request to a web app, and print the answer."""
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
        options=build.function_options(include, exclude) if function else build.options,
        source=SourceOptions(include or None, exclude or None, build.options.credentials),
        store=screen.store,
        write_line=lambda line: click.echo(line, err=True),
        progress=screen.progress,
    )
    with writing_stdout():
        click.echo(answer.payload)
    if answer.failed:
        sys.exit(1)
