"""A poetry.lock as a typed value."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from poetry.packages.locker import Locker

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.poetry_lock import content_hash, parse_poetry_lock
from constructs_lib.core.project.pyproject import Project
from tests.support.files.poetry_locks import package, write_poetry_lock
from tests.support.files.toml import dotted, places, replaced, write_toml, wrong_types

if TYPE_CHECKING:
    from pathlib import Path

LOCK: dict[str, Any] = {
    "package": [
        {
            "name": "aa",
            "version": "1.0",
            "groups": ["main", "dev"],
            "markers": {"main": "extra == 'x'"},
            "files": [{"file": "aa-1.0-py3-none-any.whl", "hash": "sha256:00"}],
            "source": {
                "type": "git",
                "url": "u",
                "reference": "r",
                "resolved_reference": "c",
                "subdirectory": "s",
            },
        }
    ],
    "extras": {"x": ["aa"]},
    "metadata": {"lock-version": "2.1", "python-versions": "^3.10", "content-hash": "0"},
}
PROJECTS: list[dict[str, Any]] = [
    {"project": {"name": "x", "dependencies": ["aa>=1"], "requires-python": ">=3.10"}},
    {"project": {"name": "x", "dependencies": ["aé"]}, "dependency-groups": {"dev": ["bb"]}},
    {
        "project": {"name": "x"},
        "tool": {"poetry": {"dependencies": {"aa": "*"}, "group": {"dev": {"optional": True}}}},
    },
    {
        "tool": {
            "poetry": {
                "name": "x",
                "dependencies": {"python": "^3.10", "aa": {"version": "*", "optional": True}},
            }
        }
    },
    {
        "tool": {
            "poetry": {
                "dev-dependencies": {"aa": "*"},
                "source": [{"name": "s", "url": "u"}],
                "extras": {"a": ["b"]},
            }
        }
    },
    {"dependency-groups": {"dev": ["bb"]}, "tool": {"poetry": {"package-mode": False}}},
    {},
]


@pytest.mark.parametrize("document", PROJECTS)
def test_the_hash_of_the_requirements_is_poetrys(tmp_path: Path, document: dict[str, Any]) -> None:
    write_toml(tmp_path / "pyproject.toml", document)
    poetrys = Locker(tmp_path / "poetry.lock", document)._content_hash
    assert content_hash(Project(tmp_path).pyproject) == poetrys


def read_all(content: bytes, path: Path) -> None:
    lock = parse_poetry_lock(content, path)
    assert lock.is_complete in (True, False)
    assert lock.python_ranges
    assert lock.extras is not None
    assert lock.version is not None
    for row in lock.packages:
        assert row.markers() is not None
    (path.parent / "pyproject.toml").write_text("")
    assert not lock.fits(Project(path.parent).pyproject)


def refusal(content: bytes, path: Path) -> ProjectError | None:
    try:
        read_all(content, path)
    except ProjectError as error:
        return error
    return None


@pytest.mark.parametrize("place", list(places(LOCK)), ids=dotted)
def test_a_wrong_type_is_one_error_with_file_and_key(tmp_path: Path, place: tuple[str | int, ...]) -> None:
    """A marker may be one text or a table by group; the content of an extra is not needed."""
    path = tmp_path / "poetry.lock"
    assert refusal(write_toml(path, LOCK).read_bytes(), path) is None
    for wrong_place, value in wrong_types(LOCK):
        if wrong_place != place:
            continue
        error = refusal(write_toml(path, replaced(LOCK, place, value)).read_bytes(), path)
        if error is None:
            assert dotted(place).startswith(("extras", "package[0].markers")), (place, value)
        else:
            assert error.id == "lock-invalid"
            assert str(error).startswith(f"{path}: ")
            assert len(str(error).splitlines()) == 1


def test_only_schemas_that_record_groups_are_complete(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    for version, is_complete in (
        ("2.1", True),
        ("2.10", True),
        ("2.0", False),
        ("1.1", False),
        ("3.0", False),
        ("x", False),
    ):
        path = write_poetry_lock(tmp_path, package("aa"), version=version)
        assert parse_poetry_lock(path.read_bytes(), path).is_complete == is_complete


def test_the_files_of_an_old_lock_stand_together(tmp_path: Path) -> None:
    """Those of other versions, and eggs, are not the package's."""
    files = [
        "aa-1.0-py3-none-any.whl",
        "aa-1.0.tar.gz",
        "aa-2.0.tar.gz",
        "aa-1.0-py3.7.egg",
        "aa-1.0.win32.exe",
    ]
    rows = [{"file": name, "hash": "sha256:00"} for name in files]
    document = {
        "package": [{"name": "aa", "version": "1.0.0"}],
        "metadata": {"lock-version": "1.1", "files": {"aa": rows}},
    }
    path = write_toml(tmp_path / "poetry.lock", document)
    [only] = parse_poetry_lock(path.read_bytes(), path).packages
    assert [artifact.filename for artifact in only.artifacts] == files[:2]
    assert json.loads(json.dumps(only.artifacts[0].hashes)) == {"sha256": "00"}
