"""Steps under way on a terminal: a spinner each, and a bar where the number of bytes is known."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, RenderableType

    from constructs_lib.core.progress import Step

_BAR_WIDTH = 30
_steps: list[Step] = []
"""Those under way, the outermost first: a terminal has one live part."""


@contextmanager
def live_step(console: Console, step: Step) -> Iterator[None]:
    """Show the step while the block lasts, below those that are under way already."""
    _steps.append(step)
    try:
        if len(_steps) > 1:
            yield
        else:
            spinner = Spinner("dots")
            with Live(
                get_renderable=lambda: render_steps(spinner),
                console=console,
                refresh_per_second=8,
                transient=True,
                redirect_stdout=False,
            ):
                yield
    finally:
        _steps.remove(step)


def render_steps(spinner: RenderableType) -> Table:
    """Return a line for each step under way."""
    table = Table.grid(padding=(0, 1))
    for step in _steps:
        bar = ProgressBar(step.total, min(step.received, step.total), width=_BAR_WIDTH) if step.total else ""
        table.add_row(spinner, step.state, bar)
    return table
