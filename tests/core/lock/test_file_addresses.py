"""The addresses of files that a lock names by hash."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import FetchError
from constructs_lib.core.lock.locked import LockedFile
from constructs_lib.core.lock.resolve import resolve
from constructs_lib.core.project.pyproject import Project
from tests.support.files.locks import TARGET, Notes
from tests.support.files.poetry_locks import package, write_poetry_lock
from tests.support.files.wheels import wheel_bytes, wheel_name
from tests.support.index.simple_index import running_index

if TYPE_CHECKING:
    from pathlib import Path


def test_an_index_is_asked_once_for_a_file(project: Path) -> None:
    """The one that the lock names; the answer stays, so that a full store needs no index for a changed lock."""
    with running_index() as index:
        file = index.add(wheel_name("aa", "1.0"), wheel_bytes("aa", "1.0", {"aa.py": b""}))
        source = f'groups = ["main"]\n[package.source]\ntype = "legacy"\nurl = "{index.simple}"\nreference = "here"'
        row = f'{{ file = "{file.filename}", hash = "sha256:{file.sha256}" }}'
        write_poetry_lock(project, package("aa", tail=source, files=row))
        notes = Notes()
        [locked] = resolve(Project.at(project), TARGET, None, notes).locked
    assert isinstance(locked, LockedFile)
    assert str(locked.location).startswith(index.url)
    assert resolve(Project.at(project), TARGET, None, notes).locked == (locked,)


def test_a_file_that_no_index_lists_is_one_line(project: Path) -> None:
    """One of the same name with other bytes is another file."""
    with running_index() as index:
        index.add(wheel_name("aa", "1.0"), wheel_bytes("aa", "1.0", {"aa.py": b""}))
        source = f'groups = ["main"]\n[package.source]\ntype = "legacy"\nurl = "{index.simple}"\nreference = "here"'
        write_poetry_lock(project, package("aa", tail=source))
        with pytest.raises(FetchError, match=r"aa==1\.0 in .*no index is known that lists aa-1\.0") as caught:
            resolve(Project.at(project), TARGET, None, Notes())
    assert caught.value.id == "file-not-listed"
    with pytest.raises(FetchError, match="could not be fetched"):
        resolve(Project.at(project), TARGET, None, Notes())


def test_an_address_belongs_to_its_index(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another mirror is asked anew; the first one's answer stays for it."""
    notes = Notes()
    with running_index() as first, running_index() as second:
        content = wheel_bytes("aa", "1.0", {"aa.py": b""})
        file = first.add(wheel_name("aa", "1.0"), content)
        second.add(file.filename, content)
        write_poetry_lock(
            project, package("aa", files=f'{{ file = "{file.filename}", hash = "sha256:{file.sha256}" }}')
        )
        for index in (first, second, first):
            monkeypatch.setenv("UV_DEFAULT_INDEX", index.simple)
            [locked] = resolve(Project.at(project), TARGET, None, notes).locked
            assert isinstance(locked, LockedFile)
            assert locked.location == f"{index.url}/files/{file.filename}"
    assert len(notes.kept) == 2


def test_a_signed_address_is_not_kept(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends after minutes, and its query may be a secret."""
    notes = Notes()
    with running_index() as index:
        file = index.add(wheel_name("aa", "1.0"), wheel_bytes("aa", "1.0", {"aa.py": b""}))
        write_poetry_lock(
            project, package("aa", files=f'{{ file = "{file.filename}", hash = "sha256:{file.sha256}" }}')
        )
        page = index._page
        monkeypatch.setattr(index, "_page", lambda project: page(project).replace(".whl#", ".whl?x=1#"))
        monkeypatch.setenv("UV_DEFAULT_INDEX", index.simple)
        [locked] = resolve(Project.at(project), TARGET, None, notes).locked
    assert isinstance(locked, LockedFile)
    assert str(locked.location).endswith("?x=1")
    assert notes.kept == {}
