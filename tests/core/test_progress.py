"""One timed line for each step."""

from __future__ import annotations

import io
import re
import threading
import time
from types import SimpleNamespace

import pytest

from constructs_lib.core import progress
from constructs_lib.core.progress import QUIET, Progress, Step, counted, readable
from tests.support.patience import wait_until


def test_lines_go_to_stderr_and_stdout_stays_empty(capsys: pytest.CaptureFixture[str]) -> None:
    """Stdout is for results."""
    with Progress("deps: ").step("fetched 2 files", "fetching 2 files") as step:
        step.add("3.0 MB")
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"deps: fetched 2 files, 3\.0 MB  \d+\.\d\d s\n", err)


def test_a_step_that_fails_is_not_announced(capsys: pytest.CaptureFixture[str]) -> None:
    """Its error is shown instead."""
    with pytest.raises(ValueError, match="x"), Progress().step("never", "trying"):
        raise ValueError("x")
    assert capsys.readouterr() == ("", "")


def test_it_can_be_quiet_or_write_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    """Quiet is the default of every function that takes one."""
    elsewhere = io.StringIO()
    for writer in (QUIET, Progress(stream=elsewhere)):
        with writer.step("read", "reading"):
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


def test_one_thing_is_not_several() -> None:
    """Thousands are grouped, as in the tables."""
    assert [counted(number, "file") for number in (0, 1, 2, 1_500)] == [
        "0 files",
        "1 file",
        "2 files",
        "1,500 files",
    ]


def test_a_step_inside_counts_for_itself() -> None:
    """The step around it begins later by the time that the block took."""
    step = Step("zipped", "zipping")
    started, before = step.started, time.perf_counter()
    with step.paused():
        sum(range(1000))
    assert 0 < step.started - started <= time.perf_counter() - before


def test_a_step_that_lasts_is_announced_and_tells_how_far_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a terminal, as under `cdk synth` and in CI: silence would look like a hang."""
    monkeypatch.setattr(progress, "PATIENCE", 0.05)
    monkeypatch.setattr(progress, "INTERVAL", 0.05)
    monkeypatch.setattr(progress, "_POLL", 0.01)
    with Progress("deps: ").step("fetched 2 files", "fetching 2 files", total=10_000_000) as step:
        wait_for(capsys, "deps: fetching 2 files, 10.0 MB …\n")
        step.advance(4_000_000)
        wait_for(capsys, "deps: fetching 2 files, 4.0 MB of 10.0 MB …\n")


def wait_for(capsys: pytest.CaptureFixture[str], line: str) -> None:
    pieces: list[str] = []

    def is_seen() -> bool:
        pieces.append(capsys.readouterr().err)
        return line in "".join(pieces)

    wait_until(is_seen, line)


def wait_until_the_thread_ends() -> None:
    wait_until(lambda: "progress" not in {thread.name for thread in threading.enumerate()}, "it ends")


def test_a_short_step_has_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is announced when it has ended, also not by the thread that was about to."""
    monkeypatch.setattr(progress, "PATIENCE", 60.0)
    monkeypatch.setattr(progress, "_POLL", 0.01)
    now = 0.0
    clock = SimpleNamespace(perf_counter=lambda: now, sleep=time.sleep)
    monkeypatch.setattr(progress, "time", clock)
    for _ in range(20):
        with Progress().step("read", "reading"):
            pass
    now = 3600.0  # only now it would be due
    wait_until_the_thread_ends()
    assert capsys.readouterr().err.count("\n") == 20


def test_the_thread_ends_with_the_last_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that uses the library for a moment has no thread of it afterwards."""
    monkeypatch.setattr(progress, "_POLL", 0.01)
    with Progress(stream=io.StringIO()).step("read", "reading"):
        assert "progress" in {thread.name for thread in threading.enumerate()}
    wait_until_the_thread_ends()


def test_bytes_of_unknown_number_are_counted() -> None:
    step = Step("fetched", "fetching")
    assert step.state == "fetching"
    step.advance(2_000_000)
    assert step.state == "fetching, 2.0 MB"


def test_a_stream_that_closes_stops_no_other_step(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One thread announces all steps, so it outlives a line that it cannot write."""
    monkeypatch.setattr(progress, "PATIENCE", 0.05)
    monkeypatch.setattr(progress, "INTERVAL", 0.05)
    monkeypatch.setattr(progress, "_POLL", 0.01)
    stream = io.StringIO()
    stream.close()
    with Progress().step("outer", "doing"):
        with pytest.raises(ValueError, match="closed"), Progress(stream=stream).step("inner", "failing"):
            time.sleep(0.2)
        capsys.readouterr()
        wait_for(capsys, "doing …\n")
