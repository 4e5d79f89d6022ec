"""A run of a command: its screen, its log and the values that its options make."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from constructs_lib.cli.log_lines import log_to_stderr
from constructs_lib.cli.parsed import global_option
from constructs_lib.cli.screen import Screen
from constructs_lib.cli.values import gathered

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click


@contextmanager
def running(ctx: click.Context) -> Iterator[tuple[Screen, dict[str, Any]]]:
    """Yield the screen and the values of a command; warnings fail it at the end where that is asked for."""
    screen = Screen(
        quiet=bool(global_option(ctx, "quiet")),
        no_color=bool(global_option(ctx, "no_color")),
        strict=bool(global_option(ctx, "strict")),
        store_folder=global_option(ctx, "store"),
        is_confirmed=bool(ctx.params.pop("yes", False)),
    )
    verbosity = global_option(ctx, "verbose") or 0
    with log_to_stderr(quiet=screen.quiet, verbosity=verbosity, warnings=screen.warnings):
        yield screen, gathered(ctx, screen)
    if screen.strict:
        # 90 ms of publishing, which a command about the store does not need.
        from constructs_lib.core.deploy.deployment import refuse_warnings

        refuse_warnings(screen.warnings)
