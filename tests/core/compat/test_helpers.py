"""Small helpers, and who says what."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from constructs_lib.core.compat.helpers import DateTimeTimer, hashes, temp_cwd, write_bytes
from constructs_lib.core.compat.logger import BaseLogger


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


def test_hashes_are_hex_by_md5_or_sha256(tmp_path: Path) -> None:
    """`use_sha256` gives another value; the one everybody has stays."""
    (tmp_path / "f").write_bytes(b"abc")
    assert hashes.of_str("abc") == hashes.of_bytes(b"abc") == hashes.of_file(tmp_path / "f")
    assert hashes.of_str("abc") == hashlib.md5(b"abc").hexdigest()  # noqa: S324 - what the metadata holds
    assert hashes.use_sha256().of_bytes(b"abc") == hashlib.sha256(b"abc").hexdigest()
    assert hashes.use_sha256().use_md5() == hashes


def test_a_timer_measures_its_block(capsys: pytest.CaptureFixture[str]) -> None:
    timer = DateTimeTimer("build")
    assert timer.elapsed == 0
    with timer:
        assert timer.end_time is None
    assert timer.elapsed >= 0
    assert capsys.readouterr().out.startswith("build: 0.")
    with DateTimeTimer("build", display=False):
        pass
    assert capsys.readouterr().out == ""


def test_a_logger_speaks_if_it_is_asked_to(capsys: pytest.CaptureFixture[str]) -> None:
    """To `print`, or to whom it is told."""
    said: list[str] = []
    BaseLogger().log("one")
    BaseLogger(printer=said.append).log("two")
    BaseLogger(verbose=False, printer=said.append).log("three")
    assert (capsys.readouterr().out, said) == ("one\n", ["two"])
