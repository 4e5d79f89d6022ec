"""The program of `make kills`, on a share of its builds: the same seeds each time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support.builders.killed_builds import open_workshop
from tools.kills import main

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration


def test_a_killed_build_leaves_nothing_bad_and_the_next_one_gives_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No bad entry, no half zip, nothing beside it; and builds at once on an empty store give one digest."""
    assert main("4", "3", "4") == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert re.fullmatch(
        r"\d of 4 builds killed from seed 3, and 4 builds at once, in \d+ s: 0 fault\(s\)", last
    )
    assert not last.startswith("0")


def test_faults_are_found(tmp_path: Path) -> None:
    """A forged entry of each kind, half a zip, and a file beside it."""
    with open_workshop(tmp_path) as workshop:
        entries = {
            path.parts[-3]: path for path in (workshop.shop.store.root / "v1").rglob("*") if path.is_file()
        }
        for path in entries.values():
            path.write_bytes(b"half")
        workshop.shop.zip.write_bytes(b"half")
        (workshop.out / "other").touch()
        faults = workshop.faults_left()
    assert {fault.split("/")[0] for fault in faults if fault.startswith("bad")} == {
        f"bad entry {kind}" for kind in entries
    }
    assert {"built", "facts", "files", "git", "packs"} <= set(entries)
    assert [fault for fault in faults if not fault.startswith("bad")] == [
        "a zip of 4 bytes",
        "other beside the zip",
    ]
