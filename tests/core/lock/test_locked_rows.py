"""Rows with hashes and no addresses; the files of the two lock files in their own tests go through them."""

from __future__ import annotations

from pathlib import Path

import pytest

from constructs_lib.core.errors import ArtifactError, ProjectError
from constructs_lib.core.lock.locked import ExportRequest, LockOptions, Manifest
from constructs_lib.core.lock.locked_rows import LockedRow, export_rows, named_file
from constructs_lib.core.project.pyproject import Project
from tests.support.files.locks import TARGET, Notes
from tests.support.files.sources import write_sdist
from tests.support.files.wheels import wheel_bytes, wheel_name
from tests.support.index.simple_index import running_index

LOCK = Path("/project/Pipfile.lock")


def request(root: Path, notes: Notes | None = None) -> ExportRequest:
    (root / "requirements.in").write_text("")
    manifest = Manifest(root / "Pipfile.lock", b"")
    return ExportRequest(Project.at(root), manifest, TARGET, LockOptions(), notes)


def test_all_allowed_files_of_a_release_are_offered(tmp_path: Path) -> None:
    """Wheels and a source distribution of that version; neither eggs nor other versions, whatever their hash."""
    with running_index() as index:
        files = {
            index.add(name, content).sha256
            for name, content in {
                wheel_name("aa"): wheel_bytes("aa"),
                wheel_name("aa", tag="cp312-cp312-win_amd64"): wheel_bytes("aa", files={}),
                "aa-1.0.tar.gz": write_sdist("aa", {}),
                "aa-1.0-py3.12.egg": b"egg",
                wheel_name("aa", "2.0"): wheel_bytes("aa", "2.0"),
            }.items()
        }
        index.add(wheel_name("aa", tag="py2-none-any"), b"not allowed")
        row = LockedRow("aa", "1.0", frozenset(files))
        exported = export_rows([row], request(tmp_path), [index.simple])
    [package] = exported.pylock.packages
    assert [wheel.filename for wheel in package.wheels or ()] == [
        wheel_name("aa"),
        wheel_name("aa", tag="cp312-cp312-win_amd64"),
    ]
    assert package.sdist is not None
    assert package.sdist.filename == "aa-1.0.tar.gz"


def test_the_next_index_is_asked(tmp_path: Path) -> None:
    """One that does not answer, or lists other files, is passed over: the hash decides."""
    with running_index() as other, running_index() as index:
        other.add(wheel_name("aa"), b"of somebody else")
        file = index.add(wheel_name("aa"), wheel_bytes("aa"))
        row = LockedRow("aa", "1.0", frozenset({file.sha256}), index="http://127.0.0.1:1/simple")
        exported = export_rows([row], request(tmp_path), [other.simple, index.simple])
    assert exported.pylock.packages[0].index == index.simple


def test_without_any_answer_the_reason_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:1/simple")
    row = LockedRow("aa", "1.0", frozenset({"0" * 64}), index="http://127.0.0.1:1/simple")
    with pytest.raises(
        ArtifactError, match="which the lock file does not name completely, could not be fetched"
    ):
        export_rows([row], request(tmp_path), [])


def test_a_named_file_is_one_of_its_release() -> None:
    """Its address may be percent-encoded; a name without a version belongs to no release."""
    row = named_file("aa", "https://index.example/aa-1.0%2Bcpu-py3-none-any.whl#x", frozenset("ab"), LOCK)
    assert (row.version, row.filename) == ("1.0+cpu", "aa-1.0+cpu-py3-none-any.whl")
    with pytest.raises(ProjectError, match="name its version instead"):
        named_file("aa", "https://index.example/main.zip", frozenset("ab"), LOCK)


def test_a_refusal_is_not_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The remedy in its line works: the index is asked that `UV_INDEX` names then."""
    notes = Notes()
    with running_index() as empty, running_index() as index:
        monkeypatch.setenv("UV_DEFAULT_INDEX", empty.simple)
        file = index.add(wheel_name("aa"), wheel_bytes("aa"))
        row = LockedRow("aa", "1.0", frozenset({file.sha256}))
        with pytest.raises(ArtifactError, match="no known index lists a file with one of them"):
            export_rows([row], request(tmp_path, notes), [empty.simple])
        assert notes.kept == {}
        empty.files = index.files  # listed later
        exported = export_rows([row], request(tmp_path, notes), [empty.simple])
        assert exported.pylock.packages[0].index == empty.simple
        empty.files = {}
        monkeypatch.setenv("UV_INDEX", index.simple)
        exported = export_rows([row], request(tmp_path, notes), [empty.simple])
    assert exported.pylock.packages[0].index == index.simple


def test_a_file_of_another_release_is_not_the_answer(tmp_path: Path) -> None:
    """The next index is asked where the first lists the hash under another name."""
    with running_index() as other, running_index() as index:
        other.add(wheel_name("aa", "2.0"), wheel_bytes("aa"))
        file = index.add(wheel_name("aa"), wheel_bytes("aa"))
        row = LockedRow("aa", "1.0", frozenset({file.sha256}))
        exported = export_rows([row], request(tmp_path), [other.simple, index.simple])
    assert exported.pylock.packages[0].index == index.simple
