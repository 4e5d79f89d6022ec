"""A uv.lock as a typed value."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest
from packaging.utils import canonicalize_name

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import LockOptions
from constructs_lib.core.lock.stale import check_uv_lock
from constructs_lib.core.lock.uv_lock import Need, UvSource, parse_uv_lock, read_uv_lock
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.target import Target
from tests.support.files.toml import dotted, places, replaced, strings, write_toml, wrong_types

if TYPE_CHECKING:
    from pathlib import Path

PYPROJECT = {
    "project": {
        "name": "shop",
        "version": "1",
        "requires-python": ">=3.10",
        "dependencies": ["aa[fast]>=1 ; os_name == 'posix'", "lib"],
        "optional-dependencies": {"more": ["bb"]},
    },
    "dependency-groups": {"jobs": ["cc"]},
    "tool": {
        "uv": {
            "constraint-dependencies": ["aa<2"],
            "override-dependencies": ["bb==1", {"package": {"name": "aa"}, "dependencies": ["bb==2"]}],
            "sources": {"lib": {"path": "lib"}},
        }
    },
}
LOCK: dict[str, Any] = {
    "version": 1,
    "requires-python": ">=3.10",
    "manifest": {
        "members": ["shop"],
        "constraints": [{"name": "aa", "specifier": "<2"}],
        "overrides": [
            {"name": "bb", "specifier": "==1"},
            {"package": {"name": "aa"}, "dependencies": [{"name": "bb", "specifier": "==2"}]},
        ],
    },
    "package": [
        {
            "name": "shop",
            "source": {"virtual": "."},
            "dependencies": [{"name": "aa"}, {"name": "lib"}],
            "optional-dependencies": {"more": [{"name": "bb"}]},
            "dev-dependencies": {"jobs": [{"name": "cc"}]},
            "metadata": {
                "requires-dist": [
                    {"name": "aa", "extras": ["fast"], "marker": "os_name == 'posix'", "specifier": ">=1"},
                    {"name": "lib", "directory": "lib"},
                    {"name": "bb", "marker": "extra == 'more'"},
                ],
                "requires-dev": {"jobs": [{"name": "cc"}]},
            },
        },
        {"name": "aa", "source": {"registry": "https://host/simple"}},
        {"name": "lib", "source": {"directory": "lib"}},
    ],
}
OPTIONS = LockOptions(extras=("more",), groups=("jobs",))


def check(folder: Path, lock: dict[str, Any]) -> None:
    """Compare the lock with its project, which reads every key of it."""
    write_toml(folder / "pyproject.toml", PYPROJECT)
    content = write_toml(folder / "uv.lock", lock).read_bytes()
    parsed = parse_uv_lock(content, folder / "uv.lock")
    check_uv_lock(parsed, Project(folder), Target("3.12"), OPTIONS)


def refusal(folder: Path, lock: dict[str, Any]) -> str:
    try:
        check(folder, lock)
    except ProjectError as error:
        return str(error)
    return ""


def test_the_whole_schema_is_valid(tmp_path: Path) -> None:
    check(tmp_path, LOCK)


@pytest.mark.parametrize("place", list(places(LOCK)), ids=dotted)
def test_a_wrong_type_is_one_error_with_file_and_key(tmp_path: Path, place: tuple[str | int, ...]) -> None:
    """Each key of the schema, replaced by each wrong type: no traceback, and the key can be searched for."""
    for wrong_place, value in wrong_types(LOCK):
        if wrong_place != place:
            continue
        with pytest.raises(ProjectError) as caught:
            check(tmp_path, replaced(LOCK, place, value))
        text = str(caught.value)
        assert text.startswith(f"{tmp_path / 'uv.lock'}: {dotted(place)}"), (value, text)
        assert len(text.splitlines()) == 1
        assert caught.value.id == "lock-invalid"


def test_a_string_without_a_meaning_is_no_traceback(tmp_path: Path) -> None:
    for place, value in strings(LOCK):
        text = refusal(tmp_path, replaced(LOCK, place, value))
        assert text.startswith(str(tmp_path)) or not text
        assert len(text.splitlines()) < 2


@pytest.mark.parametrize("key", ["name", "source"])
def test_a_missing_key_is_named(tmp_path: Path, key: str) -> None:
    """A package has a name; one of no source that this release reads is no local project."""
    package = {"name": "zz", "source": {"registry": "https://host"}}
    del package[key]
    lock = LOCK | {"package": [*LOCK["package"], package]}
    if key == "source":
        check(tmp_path, lock)
        return
    with pytest.raises(ProjectError, match=r"uv\.lock: package\[3\]\.name is missing"):
        check(tmp_path, lock)


def test_packages(tmp_path: Path) -> None:
    """With normalized names, their sources, and the names that they need."""
    package = {
        "name": "A_a",
        "source": {"editable": "lib"},
        "dependencies": [{"name": "B.b", "extra": ["Fast_One"]}],
        "optional-dependencies": {"x": [{"name": "cc"}], "y": [{"name": "dd"}]},
        "dev-dependencies": {"z": [{"name": "ee"}]},
    }
    sources = [
        {"git": "https://host/x?rev=1#abc"},
        {"path": "x.whl"},
        {"url": "https://host/x.whl"},
        {"new": 3},
    ]
    others = [{"name": f"x{number}", "source": source} for number, source in enumerate(sources)]
    lock = {"version": 1, "manifest": {"members": ["A_a"]}, "package": [package, *others]}
    read = read_uv_lock(write_toml(tmp_path / "uv.lock", lock))
    first = read.packages[0]
    assert (first.name, first.source, first.source.is_folder) == ("a-a", UvSource("editable", "lib"), True)
    assert [*first.dependencies()] == [Need(canonicalize_name("b-b"), (canonicalize_name("fast-one"),))]
    x, z = canonicalize_name("x"), canonicalize_name("z")
    assert [[need.name for need in needs] for needs in (first.of_extra(x), first.of_group(z))] == [
        ["cc"],
        ["ee"],
    ]
    assert [other.source.kind for other in read.packages[1:]] == ["git", "path", "url", ""]
    assert list(read.folders) == ["a-a"]
    assert read.is_at(first, tmp_path / "lib")
    assert not read.is_at(first, tmp_path)
    assert read.members == {"a-a"}
    assert (read.requires_python, read.constraints, read.overrides) == (None, (), {})


def test_groups_of_a_package_by_any_spelling(tmp_path: Path) -> None:
    metadata = {"requires-dist": [{"name": "aa"}], "requires-dev": {"my-group": [{"name": "bb"}]}}
    package = {"name": "shop", "source": {"virtual": "."}, "metadata": metadata}
    [shop] = read_uv_lock(write_toml(tmp_path / "uv.lock", {"package": [package]})).packages
    assert [row.name for row in shop.requirements(["My_Group", "none"])] == ["aa", "bb"]
    assert [row.name for row in shop.requirements(only_groups=["my.group"])] == ["bb"]


def test_the_value_is_plain_and_parsed_once(tmp_path: Path) -> None:
    path = write_toml(tmp_path / "uv.lock", LOCK)
    read = read_uv_lock(path)
    assert read.packages
    copy = pickle.loads(pickle.dumps(read))  # noqa: S301 - its own bytes
    assert copy.document.values == read.document.values
    assert [package.name for package in copy.packages] == [package.name for package in read.packages]
    assert parse_uv_lock(path.read_bytes(), path) is read
