"""Steps under way on a terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from constructs_lib.cli.live_steps import live_step, render_steps
from constructs_lib.core.progress import Step


def shown() -> str:
    console = Console(file=io.StringIO(), width=80)
    with console.capture() as capture:
        console.print(render_steps("*"))
    return capture.get()


def test_a_step_with_a_size_has_a_bar_and_one_inside_stands_below() -> None:
    """What is being done, not what was done; the parts go as they end."""
    console = Console(file=io.StringIO(), force_terminal=True)
    outer, inner = (
        Step("fetched 2 files", "fetching 2 files", total=10_000_000),
        Step("built a", "building a"),
    )
    with live_step(console, outer):
        outer.advance(5_000_000)
        with live_step(console, inner):
            first, second = shown().splitlines()
        assert first.startswith("* fetching 2 files, 5.0 MB of 10.0 MB ━━━")
        assert second.strip() == "* building a"
        assert shown().count("\n") == 1
    assert shown().strip() == ""


def test_a_step_that_fails_is_no_longer_shown() -> None:
    console = Console(file=io.StringIO(), force_terminal=True)
    with pytest.raises(ValueError, match="x"), live_step(console, Step("a", "b")):
        raise ValueError("x")
    assert shown().strip() == ""
