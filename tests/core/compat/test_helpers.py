"""Small helpers of the earlier tools."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from constructs_lib.core.compat.helpers import (
    DateTimeTimer,
    ensure_exact_one_true,
    normalize_glob_patterns,
    temp_cwd,
    write_bytes,
)


def test_the_working_directory_comes_back(tmp_path: Path) -> None:
    """Also after an error."""
    before = Path.cwd()
    with temp_cwd(tmp_path):
        assert Path.cwd() == tmp_path
    assert Path.cwd() == before
    with pytest.raises(OSError, match="nothing"), temp_cwd(tmp_path):
        os.stat("nothing")  # noqa: PTH116 - any error will do
    assert Path.cwd() == before


def test_bytes_are_written_into_folders_that_are_made(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a" / "b", b"x")
    write_bytes(tmp_path / "a" / "b", b"y")
    assert (tmp_path / "a" / "b").read_bytes() == b"y"


@pytest.mark.parametrize(("values", "fits"), [([True, False], True), ([False], False), ([True, True], False)])
def test_exactly_one_of_several_has_to_be_true(values: list[bool], fits: bool) -> None:
    if fits:
        ensure_exact_one_true(values)
    else:
        with pytest.raises(ValueError, match="exactly one"):
            ensure_exact_one_true(values)


def test_patterns_become_a_list_of_the_callees_own() -> None:
    """Changing it changes nothing of the caller's."""
    patterns = ["*.py"]
    assert normalize_glob_patterns(patterns) == patterns
    assert normalize_glob_patterns(patterns) is not patterns
    assert (normalize_glob_patterns("*.py"), normalize_glob_patterns(None)) == (["*.py"], [])


def test_a_timer_measures_its_block(capsys: pytest.CaptureFixture[str]) -> None:
    """It starts anew with the block, and prints the result unless it is told not to."""
    timer = DateTimeTimer("build")
    before = timer.start_time
    with timer:
        assert timer.end_time is None
    assert timer.start_time is not None
    assert before is not None
    assert timer.start_time >= before
    assert timer.elapsed >= 0
    assert re.match(r"build: \d+\.", capsys.readouterr().out)
    with DateTimeTimer("build", verbose=False):
        pass
    assert capsys.readouterr().out == ""


def test_a_timer_can_be_started_and_stopped_by_hand() -> None:
    timer = DateTimeTimer(verbose=False, start=False)
    assert timer.elapsed == 0
    timer.start()
    timer.end()
    assert timer.end_time is not None
    assert timer.elapsed == (timer.end_time - (timer.start_time or timer.end_time)).total_seconds()
