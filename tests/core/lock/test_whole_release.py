"""The whole release of a source distribution of which the lock names no wheel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import FetchError, ProjectError
from constructs_lib.core.lock.locked import LockedFile
from constructs_lib.core.lock.resolve import resolve
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.target import Target
from tests.support.files.locks import Notes
from tests.support.files.wheels import wheel_name
from tests.support.index.simple_index import Index, running_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OLD = "manylinux2014_x86_64"


@pytest.fixture
def index() -> Iterator[Index]:
    with running_index() as index:
        yield index


def lock(project: Path, index: Index, *, names_index: bool = True) -> LockedFile:
    """Write a pylock.toml with the source distribution of `aa` alone, which the index has."""
    sdist = index.add("aa-1.0.tar.gz", b"source")
    (project / "pylock.toml").write_text(
        'lock-version = "1.0"\ncreated-by = "test"\n\n[[packages]]\nname = "aa"\nversion = "1.0"\n'
        + (f'index = "{index.simple}"\n' if names_index else "")
        + f'sdist = {{ url = "{sdist.location}", hashes = {{ sha256 = "{sdist.sha256}" }} }}\n'
    )
    return sdist


def resolved(project: Path, python: str = "3.12", notes: Notes | None = None) -> LockedFile:
    [locked] = resolve(Project.at(project), Target(python), notes=notes).locked
    assert isinstance(locked, LockedFile)
    return locked


def test_a_release_of_wheels_for_others_is_marked(project: Path, index: Index) -> None:
    """Its source distribution holds native code; wheels of other versions and odd names do not count."""
    lock(project, index)
    for tag in (f"cp310-cp310-{OLD}", "cp310-cp310-win_amd64"):
        index.add(wheel_name("aa", tag=tag), b"wheel")
    index.add(wheel_name("aa", "2.0", f"cp312-cp312-{OLD}"), b"later")
    index.add("aa-1.0.whl", b"odd")
    locked = resolved(project)
    assert not locked.is_wheel
    assert locked.no_wheel == (
        f"aa 1.0 in {project / 'pylock.toml'} has no wheel for Python 3.12 on x86_64 (glibc 2.34): its wheels are for "
        f"cp310-cp310-{OLD}, cp310-cp310-win_amd64"
    )


@pytest.mark.parametrize("tags", [(), ("py2-none-any",)], ids=["none", "pure"])
def test_a_release_without_platforms_stays_a_source(
    project: Path, index: Index, tags: tuple[str, ...]
) -> None:
    """It may become a wheel here."""
    lock(project, index)
    for tag in tags:
        index.add(wheel_name("aa", tag=tag), b"wheel")
    locked = resolved(project)
    assert (locked.filename, locked.no_wheel) == ("aa-1.0.tar.gz", "")


def test_a_lock_is_obeyed(project: Path, index: Index) -> None:
    """A wheel that the lock does not list is not taken, and the source with native code is not built."""
    lock(project, index)
    index.add(wheel_name("aa", tag=f"cp312-cp312-{OLD}"), b"wheel")
    locked = resolved(project)
    assert not locked.is_wheel
    assert "names no wheel for Python 3.12 on x86_64 that may be taken: " in locked.no_wheel


def test_the_answer_is_remembered(project: Path, index: Index) -> None:
    """A full store needs no index."""
    lock(project, index)
    index.add(wheel_name("aa", tag="cp310-cp310-win_amd64"), b"wheel")
    notes = Notes()
    first = resolved(project, notes=notes)
    index.files.clear()
    assert resolved(project, notes=notes) == first
    with pytest.raises(FetchError):
        resolved(project)


def test_an_index_that_is_not_named_is_looked_for(
    project: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Among the declared ones and those of the environment; a file of none of them is not built."""
    lock(project, index, names_index=False)
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"{index.url}/none")
    index.add(wheel_name("aa", tag="cp310-cp310-win_amd64"), b"wheel")
    with pytest.raises(
        FetchError, match=r"aa 1\.0 in .*pylock\.toml has no wheel there, and no index"
    ) as caught:
        resolved(project)
    assert caught.value.id == "release-unknown"
    monkeypatch.setenv("UV_INDEX", f"{index.url}/none vault={index.simple}")
    assert resolved(project).no_wheel
    monkeypatch.delenv("UV_INDEX")
    with (project / "pyproject.toml").open("a") as manifest:
        manifest.write(f'[[tool.uv.index]]\nname = "vault"\nurl = "{index.simple}"\n')
    assert resolved(project).no_wheel


def test_a_source_of_this_machine_that_is_gone_is_named(project: Path) -> None:
    """No index is asked about a file that the lock names by its path."""
    (project / "pylock.toml").write_text(
        'lock-version = "1.0"\ncreated-by = "test"\n\n[[packages]]\nname = "aa"\nversion = "1.0"\n'
        f'sdist = {{ path = "gone/aa-1.0.tar.gz", hashes = {{ sha256 = "{"0" * 64}" }} }}\n'
    )
    with pytest.raises(ProjectError, match=r"gone/aa-1\.0\.tar\.gz does not exist") as caught:
        resolved(project)
    assert caught.value.id == "file-missing"


def test_the_index_that_uv_asks_is_asked_last(
    project: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock(project, index, names_index=False)
    index.add(wheel_name("aa", tag="cp310-cp310-win_amd64"), b"wheel")
    monkeypatch.setenv("UV_DEFAULT_INDEX", index.simple)
    assert resolved(project).no_wheel


def test_a_page_with_other_bytes_of_that_name_is_no_page_of_it(project: Path, index: Index) -> None:
    """Anybody may publish a project of that name elsewhere."""
    lock(project, index)
    index.add("aa-1.0.tar.gz", b"another source")
    with pytest.raises(FetchError, match="has no wheel there, and no index is known that lists"):
        resolved(project)


@pytest.mark.parametrize("names", [True, False])
def test_hashes_that_leave_the_source_only(project: Path, index: Index, *, names: bool) -> None:
    """A wheel that fits but has no hash in the file is not taken, and the source is not built either."""
    sdist = lock(project, index)
    (project / "pylock.toml").unlink()
    wheel = index.add(wheel_name("aa", tag=f"cp312-cp312-{OLD}"), b"wheel")
    hashes = f"--hash=sha256:{sdist.sha256}" + (f" --hash=sha256:{wheel.sha256}" if names else "")
    (project / "requirements.txt").write_text(f"--index-url {index.simple}\naa==1.0 {hashes}\n")
    (project / "bin").mkdir()
    (project / "bin" / "uv").write_text(f"#!/bin/sh\ncat <<'E'\n{ANSWER.format(sdist=sdist)}\nE\n")
    (project / "bin" / "uv").chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{project / 'bin'}:/usr/bin:/bin")
        locked = resolved(project)
    assert locked.is_wheel is names
    assert ("names no wheel for Python 3.12 on x86_64 that may be taken: " in locked.no_wheel) is not names


ANSWER = """\
lock-version = "1.0"
created-by = "uv"

[[packages]]
name = "aa"
version = "1.0"
sdist = {{ url = "{sdist.location}", hashes = {{ sha256 = "{sdist.sha256}" }} }}
"""


def test_a_folder_is_listed_each_time(project: Path) -> None:
    """A flat index on this machine: what is put there later counts, and the store remembers nothing of it."""
    folder = project / "wheels"
    folder.mkdir()
    (folder / "aa-1.0.tar.gz").write_bytes(b"source")
    (project / "pylock.toml").write_text(
        'lock-version = "1.0"\ncreated-by = "test"\n\n[[packages]]\nname = "aa"\nversion = "1.0"\n'
        f'sdist = {{ url = "{(folder / "aa-1.0.tar.gz").as_uri()}", hashes = {{ sha256 = "{"0" * 64}" }} }}\n'
    )
    notes = Notes()
    assert resolved(project, notes=notes).no_wheel == ""
    (folder / wheel_name("aa", tag=f"cp310-cp310-{OLD}")).write_bytes(b"wheel")
    assert f"its wheels are for cp310-cp310-{OLD}" in resolved(project, notes=notes).no_wheel


def test_a_release_belongs_to_its_index(project: Path, index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that is declared later is asked, though the other one has answered before."""
    sdist = lock(project, index, names_index=False)
    monkeypatch.setenv("UV_DEFAULT_INDEX", index.simple)
    notes = Notes()
    assert resolved(project, notes=notes).no_wheel == ""
    with running_index() as other:
        other.add(sdist.filename, b"source")
        other.add(wheel_name("aa", tag="cp310-cp310-win_amd64"), b"wheel")
        monkeypatch.setenv("UV_DEFAULT_INDEX", other.simple)
        assert resolved(project, notes=notes).no_wheel


def test_a_release_with_signed_addresses_is_not_kept(
    project: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock(project, index)
    index.add(wheel_name("aa", tag="cp310-cp310-win_amd64"), b"wheel")
    page = index._page
    monkeypatch.setattr(index, "_page", lambda project: page(project).replace(".whl#", ".whl?x=1#"))
    notes = Notes()
    assert resolved(project, notes=notes).no_wheel
    assert notes.kept == {}


def test_a_wheel_that_needs_a_later_patch_of_the_python_is_taken(
    project: Path, index: Index, tool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lambda updates the patch level by itself."""
    sdist = lock(project, index)
    (project / "pylock.toml").unlink()
    wheel = index.add(wheel_name("aa", tag=f"cp312-cp312-{OLD}"), b"wheel")
    page, bound = index._page, '<a data-requires-python="&gt;=3.12.25" '
    monkeypatch.setattr(index, "_page", lambda project: page(project).replace("<a ", bound))
    hashes = f"--hash=sha256:{sdist.sha256} --hash=sha256:{wheel.sha256}"
    (project / "requirements.txt").write_text(f"--index-url {index.simple}\naa==1.0 {hashes}\n")
    (tool / "answer.toml").write_text(ANSWER.format(sdist=sdist))
    assert resolved(project).is_wheel
