"""One timed line for each step."""

from __future__ import annotations

import io
import re
import time

import pytest

from constructs_lib.core.progress import QUIET, Progress, Step, readable


def test_lines_go_to_stderr_and_stdout_stays_empty(capsys: pytest.CaptureFixture[str]) -> None:
    """Stdout is for results."""
    with Progress("deps: ").step("fetched 2 files") as step:
        step.add("3.0 MB")
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"deps: fetched 2 files, 3\.0 MB  \d+\.\d\d s\n", err)


def test_a_step_that_fails_is_not_announced(capsys: pytest.CaptureFixture[str]) -> None:
    """Its error is shown instead."""
    with pytest.raises(ValueError, match="x"), Progress().step("never"):
        raise ValueError("x")
    assert capsys.readouterr() == ("", "")


def test_it_can_be_quiet_or_write_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    """Quiet is the default of every function that takes one."""
    elsewhere = io.StringIO()
    for progress in (QUIET, Progress(stream=elsewhere)):
        with progress.step("read"):
            pass
    assert re.fullmatch(r"read  \d+\.\d\d s\n", elsewhere.getvalue())
    assert capsys.readouterr() == ("", "")


def test_sizes_are_readable() -> None:
    """Small ones in kB, so that a source zip is not 0.0 MB."""
    assert [readable(size) for size in (0, 2_140, 99_999, 100_000, 14_730_000)] == [
        "0.0 kB",
        "2.1 kB",
        "100.0 kB",
        "0.1 MB",
        "14.7 MB",
    ]


def test_a_step_inside_counts_for_itself() -> None:
    """The step around it begins later by the time that the block took."""
    step = Step("zipped")
    started, before = step.started, time.perf_counter()
    with step.paused():
        sum(range(1000))
    assert 0 < step.started - started <= time.perf_counter() - before
