"""The unpacking of layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.archive.entry import compress
from constructs_lib.core.archive.extract import extract_all, write_entries
from constructs_lib.core.archive.writer import write_archive
from tests.support.files.wheels import Member, zip_bytes

if TYPE_CHECKING:
    from pathlib import Path


def test_a_program_can_be_started(tmp_path: Path) -> None:
    """Modes are those of the zip; one without any stays as the system makes files."""
    members = {"bin/run": 0o100755, "lib/a.py": 0o100644, "plain": 0}
    content = zip_bytes((name, Member(name.encode(), mode)) for name, mode in members.items())
    (tmp_path / "a.zip").write_bytes(content)
    extract_all(tmp_path / "a.zip", tmp_path / "opt")
    modes = {name: (tmp_path / "opt" / name).stat().st_mode & 0o777 for name in members}
    assert (modes["bin/run"], modes["lib/a.py"], modes["plain"] & 0o111) == (0o755, 0o644, 0)


def test_entries_are_written_as_they_would_be_unpacked(tmp_path: Path) -> None:
    """The same files, contents and modes as those of the zip that is made of them."""
    entries = [
        compress("bin/run", b"#!/bin/sh\n" * 9, "a.whl", executable=True),
        compress("python/a/b.py", b"", "a.whl"),
    ]
    write_archive(entries, tmp_path / "a.zip")
    extract_all(tmp_path / "a.zip", tmp_path / "unpacked")
    write_entries(entries, tmp_path / "written")
    unpacked, written = (
        {
            path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mode)
            for path in folder.rglob("*")
            if path.is_file()
        }
        for folder in (tmp_path / "unpacked", tmp_path / "written")
    )
    assert written == unpacked
    assert len(written) == 2
