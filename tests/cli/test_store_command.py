"""`store`: this machine's wheel store."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

import pytest

from constructs_lib.cli.app import app
from constructs_lib.core.store.wheel_store import WheelStore
from tests.support.click_runner import CliRunner
from tests.support.files.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WheelStore:
    monkeypatch.setenv("CONSTRUCTS_LIB_STORE", str(tmp_path / "store"))
    store = WheelStore.default()
    store.add(make_wheel(tmp_path))
    return store


def test_it_is_measured_and_emptied(store: WheelStore) -> None:
    size = store.usage().size
    for command in ("size", "clear"):
        document = json.loads(CliRunner().invoke(app, ["store", command, "--json"]).stdout)
        assert document == {
            "schema": 1,
            "path": str(store.root),
            "files": 1,
            "bytes": size,
            "remote": None,
        }
    assert CliRunner().invoke(app, ["store", "size"]).stdout == f"{store.root}: 0.0 kB in 0 files\n"
    assert "removed 0.0 kB in 0 files" in CliRunner().invoke(app, ["store", "clear"]).stdout


def test_the_store_behind_it_is_named(store: WheelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """And left alone, whatever is removed here."""
    monkeypatch.setenv("CONSTRUCTS_LIB_REMOTE_STORE", "s3://shared/wheels")
    monkeypatch.setenv("CONSTRUCTS_LIB_REMOTE_STORE_WHEELS", "1")
    done = CliRunner().invoke(app, ["store", "size"])
    assert done.stdout == (
        f"{store.root}: {store.usage().size / 1e3:.1f} kB in 1 file; behind it s3://shared/wheels, which is left as it is\n"
    )


def test_its_folder_is_printed(store: WheelStore, tmp_path: Path) -> None:
    """`--store` names another one, before or after the command."""
    assert CliRunner().invoke(app, ["store", "dir"]).stdout == f"{store.root}\n"
    other = tmp_path / "other"
    for arguments in (
        ["--store", other, "store", "dir"],
        ["store", "--store", other, "dir"],
        ["store", "dir", "--store", other],
    ):
        assert CliRunner().invoke(app, list(map(str, arguments))).stdout == f"{other}\n"


def test_what_no_build_has_used_is_removed(store: WheelStore) -> None:
    """The time of the last reading or writing counts."""
    [path] = [path for path in store.root.rglob("*") if path.is_file()]
    assert "removed 0.0 kB in 0 files" in CliRunner().invoke(app, ["store", "prune"]).stdout
    month_ago = time.time() - 31 * 24 * 3600
    os.utime(path, (month_ago, month_ago))
    assert "in 0 files" in CliRunner().invoke(app, ["store", "prune", "--unused-for", "60"]).stdout
    assert "in 1 file\n" in CliRunner().invoke(app, ["store", "prune"]).stdout
    assert store.usage().files == 0


@pytest.mark.parametrize(("answer", "files"), [("n\n", 1), ("", 1), ("y\n", 0)])
def test_a_person_is_asked(
    store: WheelStore, monkeypatch: pytest.MonkeyPatch, answer: str, files: int
) -> None:
    """Before anything is removed; `--yes` answers."""
    monkeypatch.setattr("constructs_lib.cli.screen.is_terminal", lambda: True)
    done = CliRunner().invoke(app, ["store", "clear"], input=answer)
    question = f"Remove everything in {store.root}? [y/N]: "
    # A terminal shows the answer's own line break; the end of input has none.
    assert done.stderr == question + ("" if answer else "\n")
    assert store.usage().files == files
    assert "Remove" not in CliRunner().invoke(app, ["store", "clear", "--yes"]).stderr
    assert store.usage().files == 0
