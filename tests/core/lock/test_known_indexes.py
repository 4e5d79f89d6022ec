"""The indexes that are asked for a file, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.index.release_page import read_release_page
from constructs_lib.core.lock.known_indexes import KnownIndexes, addresses
from constructs_lib.core.lock.locked import ExportRequest, LockOptions, Manifest
from constructs_lib.core.project.pyproject import Project
from tests.support.files.locks import TARGET

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_lock_files_own_indexes_come_first(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then those of the environment, the project, and uv; logins are taken out of the addresses."""
    monkeypatch.setenv("UV_INDEX", "extra=https://bob:secret@two.example/simple")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://three.example/simple")
    (project / "pyproject.toml").write_text(
        '[[tool.uv.index]]\nname = "four"\nurl = "https://four.example/simple"\n'
    )
    manifest = Manifest(project / "pdm.lock", b"")
    request = ExportRequest(Project.at(project), manifest, TARGET, LockOptions())
    indexes = KnownIndexes(["https://one.example/simple"], request)
    first, *others = (url for url, _ in indexes.candidates())
    assert first == "https://one.example/simple"
    assert set(others) >= {
        "https://two.example/simple",
        "https://three.example/simple",
        "https://four.example/simple",
    }
    named = "https://named.example/simple"
    assert list(indexes.candidates(named)) == [(named, read_release_page)]


def test_only_addresses_of_the_network_count() -> None:
    assert list(addresses(["https://u:p@a.example/s", "https://a.example/s", "../folder", "file:///x"])) == [
        "https://a.example/s"
    ]
