"""The indexes that are asked for a file, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.index.release_page import read_release_page
from constructs_lib.core.lock.known_indexes import (
    INDEX_VARIABLES,
    IndexPage,
    KnownIndexes,
    addresses,
    is_lasting,
)
from constructs_lib.core.lock.locked import ExportRequest, LockOptions, Manifest
from constructs_lib.core.project.pyproject import Project
from tests.support.files.locks import TARGET
from tests.support.files.wheels import wheel_bytes, wheel_name
from tests.support.index.simple_index import running_index

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def request(project: Path) -> ExportRequest:
    return ExportRequest(Project.at(project), Manifest(project / "pdm.lock", b""), TARGET, LockOptions())


def test_the_lock_files_own_indexes_come_first(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then those of the environment, the project, and uv; logins are taken out of the addresses."""
    monkeypatch.setenv("UV_INDEX", "extra=https://bob:secret@two.example/simple")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://three.example/simple")
    (project / "pyproject.toml").write_text(
        '[[tool.uv.index]]\nname = "four"\nurl = "https://four.example/simple"\n'
    )
    indexes = KnownIndexes(["https://one.example/simple"], request(project))
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


def test_uv_is_not_started_where_the_first_index_answers(project: Path, tool: Path) -> None:
    """Indexes are asked one after the other; a page without the file leads to the next one."""
    with running_index() as empty, running_index() as index:
        file = index.add(wheel_name("aa"), wheel_bytes("aa"))
        indexes = KnownIndexes([empty.simple, index.simple], request(project))
        page = indexes.first_page("aa", lambda row: row.sha256 == file.sha256, indexes.candidates())
    assert page is not None
    assert (page.index_url, [row.filename for row in page.files]) == (index.simple, [file.filename])
    assert not (tool / "arguments").exists()


def test_uv_is_started_once_for_all_threads(
    project: Path, tool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many ask for its index at the same time."""
    for variable in INDEX_VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    script = (tool / "uv").read_text().replace("exec cat", "sleep 0.2\nexec cat")
    (tool / "uv").write_text(script)
    with running_index() as index:
        (tool / "answer.toml").write_text(f"--index-url {index.simple}\n")
        index.add(wheel_name("aa"), wheel_bytes("aa"))
        indexes = KnownIndexes([], request(project))
        pages: list[IndexPage | None] = []
        indexes.for_each(
            ["aa"] * 8,
            lambda name: pages.append(indexes.first_page(name, lambda _: True, indexes.candidates())),
        )
    assert [page.index_url for page in pages if page] == [index.simple] * 8
    assert (tool / "arguments").read_text().splitlines().count("--emit-index-url") == 1


def test_an_address_with_a_query_or_a_login_does_not_last() -> None:
    assert is_lasting("https://h.example/a%20b/x.whl")
    assert not is_lasting("https://h.example/x.whl?X-Amz-Signature=1")
    assert not is_lasting("https://bob:secret@h.example/x.whl")
