"""Pipfile.lock; `tests/integration/test_pdm_pipenv.py` compares with Pipenv itself."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.errors import ArtifactError, ProjectError
from constructs_lib.core.lock.locked import LockedDirectory, LockedFile, LockOptions
from constructs_lib.core.lock.resolve import resolve
from constructs_lib.core.project.pyproject import Project
from tests.support.files.locks import TARGET, Notes
from tests.support.files.wheels import wheel_bytes, wheel_name
from tests.support.index.simple_index import Index, running_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    with running_index() as running:
        for name in ("aa", "bb"):
            running.add(wheel_name(name), wheel_bytes(name))
        yield running


def entry(index: Index, name: str, **more: object) -> dict[str, Any]:
    locked = index.add(wheel_name(name), wheel_bytes(name))
    return {"version": "==1.0", "hashes": [f"sha256:{locked.sha256}"], **more}


def write(root: Path, index: Index, meta: dict[str, Any] | None = None, **tables: object) -> Path:
    sources = [{"name": "loop", "url": index.simple, "verify_ssl": False}]
    document = {"_meta": {"sources": sources, **(meta or {})}, **tables}
    (root / "Pipfile.lock").write_text(json.dumps(document))
    return root


def locked(root: Path, options: LockOptions | None = None, notes: Notes | None = None) -> list[str]:
    return [str(each) for each in resolve(Project.at(root), TARGET, options, notes).locked]


def refusal(root: Path, options: LockOptions | None = None) -> str:
    with pytest.raises(ArtifactError) as caught:
        locked(root, options)
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 500
    return str(caught.value)


def test_the_file_alone_is_enough(tmp_path: Path, index: Index) -> None:
    """No Pipfile and no pyproject.toml; the second time no index is asked."""
    root = write(tmp_path, index, default={"aa": entry(index, "aa")})
    notes = Notes()
    [file] = resolve(Project.at(root), TARGET, notes=notes).locked
    assert isinstance(file, LockedFile)
    assert (file.name, file.version, file.location) == ("aa", "1.0", f"{index.url}/files/{wheel_name('aa')}")
    assert file.index == index.simple
    index_files, index.files = index.files, {}
    try:
        assert locked(root, notes=notes) == ["aa==1.0"]
    finally:
        index.files = index_files


def test_a_note_adds_no_file(tmp_path: Path, index: Index) -> None:
    """What the store remembers counts only as far as the lock file's hashes allow it."""
    root = write(tmp_path, index, default={"aa": entry(index, "aa")})
    notes = Notes()
    locked(root, notes=notes)
    for note in notes.kept.values():
        note["files"]["aa"][0][3] = "0" * 64
    with pytest.raises(ArtifactError, match="no known index lists"):
        locked(root, notes=notes)


def test_categories_are_groups(tmp_path: Path, index: Index) -> None:
    """By the names of the Pipfile, of the lock file, and `dev`."""
    root = write(
        tmp_path, index, default={"aa": entry(index, "aa")}, develop={"bb": entry(index, "bb")}, docs={}
    )
    assert locked(root) == ["aa==1.0"]
    for name in ("dev", "develop", "dev-packages"):
        assert locked(root, LockOptions(groups=(name,))) == ["aa==1.0", "bb==1.0"]
    assert locked(root, LockOptions(only_groups=("dev",))) == ["bb==1.0"]
    assert "has no group 'web': it has develop, docs" in refusal(root, LockOptions(groups=("web",)))
    assert "has no extras: choose categories" in refusal(root, LockOptions(extras=("web",)))


def test_one_package_in_two_categories_is_one(tmp_path: Path, index: Index) -> None:
    """The same version twice is fine, two versions are not."""
    row = entry(index, "aa")
    root = write(tmp_path, index, default={"aa": row}, develop={"aa": row})
    assert locked(root, LockOptions(groups=("dev",))) == ["aa==1.0"]
    write(tmp_path, index, default={"aa": row}, develop={"aa": {**row, "version": "==2.0"}})
    assert "locks aa twice for" in refusal(root, LockOptions(groups=("dev",)))


def test_sources_other_than_an_index(tmp_path: Path, index: Index) -> None:
    """A folder, and a file of this machine with its own hash."""
    (tmp_path / wheel_name("bb")).write_bytes(wheel_bytes("bb"))
    root = write(
        tmp_path,
        index,
        default={"lib": {"path": "./lib", "editable": True}, "bb": {"path": f"./{wheel_name('bb')}"}},
    )
    bb, lib = resolve(Project.at(root), TARGET).locked
    assert isinstance(bb, LockedFile)
    assert bb.location == tmp_path / wheel_name("bb")
    assert lib == LockedDirectory("lib", tmp_path / "lib")


def test_a_changed_pipfile_is_stale(tmp_path: Path, index: Index) -> None:
    """By the hash that Pipenv writes; a Pipfile without sources has those of the lock file."""
    root = write(tmp_path, index, {"hash": {"sha256": "0" * 64}}, default={"aa": entry(index, "aa")})
    assert locked(root) == ["aa==1.0"]
    (root / "Pipfile").write_text('[packages]\naa = "*"\n')
    assert f"is stale: {root}/Pipfile has changed since. Run 'pipenv lock' in {root}" in refusal(root)
    (root / "Pipfile").write_text("day = 2026-01-01\n")
    assert "holds a value that Pipenv cannot lock" in refusal(root)


@pytest.mark.parametrize("name", ["Dotted_Name", "dotted-name"])
def test_both_hashes_of_pipenv_are_known(tmp_path: Path, index: Index, name: str) -> None:
    """Older releases hash the names of a Pipfile as they are written, newer ones in normal form."""
    (tmp_path / "Pipfile").write_text('[packages]\nDotted_Name = "*"\n[scripts]\na = "b"\n[docs]\naa = "*"\n')
    sources = [{"name": "loop", "url": index.simple, "verify_ssl": False}]
    hashed = {
        "_meta": {"requires": {}, "sources": sources},
        "default": {name: "*"},
        "develop": {},
        "docs": {"aa": "*"},
    }
    text = json.dumps(hashed, sort_keys=True, separators=(",", ":"))
    meta = {"hash": {"sha256": hashlib.sha256(text.encode()).hexdigest()}}
    assert locked(write(tmp_path, index, meta, default={"aa": entry(index, "aa")})) == ["aa==1.0"]


def test_a_lock_for_another_python_is_refused(tmp_path: Path, index: Index) -> None:
    """Pipenv resolves for one Python, and another one may need more packages."""
    tables = {"default": {"aa": entry(index, "aa")}}
    for version, fits in (("3.12", True), ("3.12.4", True), ("3.11", False), ("*", True)):
        root = write(tmp_path, index, {"requires": {"python_version": version}}, **tables)
        assert fits is (locked(root) == ["aa==1.0"] if fits else "is for Python 3.11" not in refusal(root))


@pytest.mark.parametrize(
    ("package", "text"),
    [
        ({"version": "*"}, "is locked to no version"),
        ({"version": "==1.0"}, "has no sha256"),
        ({"version": "==1.0", "hashes": ["sha256:../../x"]}, "64 hex digits"),
        ({"version": "==1.0", "hashes": [f"sha256:{'0' * 64}"]}, "no known index lists"),
        ({"version": "==1.0", "hashes": "x"}, "it must be a list"),
        ({"version": "==1.0", "markers": "python_version >"}, "has no valid marker"),
        ({"file": "https://index.example/a.whl"}, "has no sha256"),
        (
            {"file": "https://index.example/a.zip", "hashes": [f"sha256:{c * 64}" for c in "01"]},
            "name its version",
        ),
        ({"path": "a\0b"}, "has no usable path"),
        ({"version": 5}, "it must be a string"),
        (5, "it must be a table"),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path: Path, index: Index, package: object, text: str) -> None:
    assert text in refusal(write(tmp_path, index, default={"aa": package}))


@pytest.mark.parametrize("content", ["", "[]", "{", "[" * 100_000, '{"_meta": 5}', "9" * 5000])
def test_no_json_is_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "Pipfile.lock").write_text(content)
    with pytest.raises(ProjectError) as caught:
        locked(tmp_path)
    assert caught.value.id == "lock-invalid"
    refusal(tmp_path)


def test_a_marker_may_be_a_key_of_its_own(tmp_path: Path, index: Index) -> None:
    """As older releases wrote it; a package that does not apply needs no version."""
    other = {"version": "*", "os_name": "== 'nt'"}
    both = entry(index, "bb", markers="python_version >= '3'", sys_platform="== 'linux'")
    assert locked(write(tmp_path, index, default={"aa": other, "bb": both})) == ["bb==1.0"]


@pytest.mark.parametrize("password", ["s3cret#x", "s3cret?x", "s3cret/x", "s3cret@x"])
def test_a_password_of_a_variable_is_in_no_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    """Whatever letters it has: the login is taken out before the variables are filled in."""
    monkeypatch.setenv("PW", password)
    monkeypatch.setenv("HOST", "127.0.0.1:1")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:1/other")
    meta = {"sources": [{"name": "here", "url": "http://bob:${PW}@${HOST}/simple"}]}
    document = {"_meta": meta, "default": {"aa": {"version": "==1.0", "hashes": [f"sha256:{'0' * 64}"]}}}
    (tmp_path / "Pipfile.lock").write_text(json.dumps(document))
    text = refusal(tmp_path)
    assert "s3cret" not in text
    assert "from http://127.0.0.1:1/simple/aa/" in text
