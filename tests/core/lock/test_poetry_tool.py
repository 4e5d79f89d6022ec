"""Poetry's part in the export of an older poetry.lock, by a stand-in for Poetry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.lock.locked import LockOptions
from tests.support.files.locks import names
from tests.support.files.poetry_locks import KnownAddresses, package, write_poetry_lock

if TYPE_CHECKING:
    from pathlib import Path

ANSWER = "# a comment\naa==1.0 ; python_version >= '3.10'\nbb==1.0 ; sys_platform == 'win32'\n"
OLD = (package("aa", tail=""), package("bb", tail=""), package("cc", tail=""))


def answer(tool: Path, *lines: str) -> None:
    (tool / "poetry").write_text(
        f"#!/bin/sh\n{''.join(f'echo {line!r} >&2{chr(10)}' for line in lines)}exit 1\n"
    )


def test_poetry_is_asked_like_this(project: Path, tool: Path) -> None:
    """The golden argument list; a second build of the same inputs starts no Poetry, a changed lock does."""
    write_poetry_lock(project, *OLD, version="2.0")
    (tool / "answer.toml").write_text(ANSWER)
    notes = KnownAddresses()
    options = LockOptions(extras=("fast",), groups=("dev",), only_groups=("web",))
    assert names(project, options, notes) == ["aa"]
    wanted = [
        "export",
        "--format=constraints.txt",
        "--without-hashes",
        "--without-urls",
        "--no-interaction",
        "--no-ansi",
    ]
    wanted += ["--extras=fast", "--with=dev", "--only=web"]
    assert (tool / "arguments").read_text().splitlines() == wanted
    names(project, options, notes)
    assert (tool / "arguments").read_text().splitlines() == wanted
    write_poetry_lock(project, *OLD[:2], version="2.0")
    names(project, options, notes)
    assert (tool / "arguments").read_text().splitlines() == wanted * 2


def test_poetry_decides_about_a_hash_that_is_not_known(project: Path, tool: Path) -> None:
    """Another Poetry may hash other keys: a lock is stale only if Poetry says so."""
    path = write_poetry_lock(project, *OLD)
    path.write_text(path.read_text().replace('content-hash = "', 'content-hash = "0'))
    (tool / "answer.toml").write_text(ANSWER)
    assert names(project, None, KnownAddresses()) == ["aa"]
    answer(
        tool, "pyproject.toml changed significantly since poetry.lock was last generated. Run `poetry lock`."
    )
    with pytest.raises(ProjectError, match=r"poetry\.lock is stale: .* Run 'poetry lock' in") as caught:
        names(project)
    assert caught.value.id == "lock-stale"


def test_a_poetry_without_export_is_told_apart(project: Path, tool: Path) -> None:
    write_poetry_lock(project, *OLD, version="1.1")
    answer(tool, 'The requested command "export" does not exist.', 'command "export" does not exist')
    with pytest.raises(ToolError, match=r"poetry has no export: .* poetry-plugin-export"):
        names(project)


def test_a_warning_is_no_reason(project: Path, tool: Path) -> None:
    """The line has Poetry's error and not what it warns of before, and the command that upgrades the lock."""
    write_poetry_lock(project, *OLD, version="1.1")
    answer(tool, "Warning: poetry-plugin-export is deprecated", "", "Dependency walk failed at cc (*)")
    with pytest.raises(ProjectError) as caught:
        names(project)
    assert str(caught.value) == (
        f"{project}/poetry.lock has schema 1.1, which Poetry does not export (Dependency walk failed at cc (*)). Run "
        f"'poetry lock' of Poetry 2 in {project}, which keeps the versions, and commit the result"
    )


@pytest.mark.parametrize("text", ["aa==2.0\n", "zz==1.0\n"])
def test_an_answer_that_is_not_in_the_lock_is_refused(project: Path, tool: Path, text: str) -> None:
    write_poetry_lock(project, *OLD, version="1.1")
    (tool / "answer.toml").write_text(text)
    with pytest.raises(ProjectError, match="which Poetry exports from it"):
        names(project)
