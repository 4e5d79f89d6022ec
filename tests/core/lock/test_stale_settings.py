"""The settings in [tool.uv] and those that uv.lock records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.lock.stale_settings import Settings
from constructs_lib.core.lock.uv_lock import read_uv_lock
from constructs_lib.core.project.pyproject import read_pyproject
from constructs_lib.core.target import Target
from tests.support.files.toml import write_toml

if TYPE_CHECKING:
    from pathlib import Path

LATE, LATER = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"
SAME: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"resolution": "highest", "prerelease": "if-necessary-or-explicit"}, {}),
    ({"prerelease": "if-necessary"}, {}),
    ({"prerelease": "if-necessary"}, {"options": {"prerelease-mode": "if-necessary-or-explicit"}}),
    ({}, {"options": {"resolution-mode": "lowest", "exclude-newer": LATE}}),
    ({"exclude-newer": LATE}, {"options": {"exclude-newer": LATE}}),
    ({"exclude-newer": "2026-01-01"}, {"options": {"exclude-newer": LATER}}),
    (
        {"exclude-newer": "1 week"},
        {"options": {"exclude-newer": "0001-01-01T00:00:00Z", "exclude-newer-span": "P1W"}},
    ),
    ({"environments": "sys_platform == 'linux'"}, {"supported-markers": ["sys_platform == 'linux'"]}),
    ({"environments": ["sys_platform == 'linux'"]}, {}),
    ({"exclude-dependencies": ["unknown"]}, {}),
]
OTHER: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"resolution": "lowest"}, {}, "has resolution-mode 'lowest' where the lock records none"),
    ({"exclude-newer": LATE}, {}, "has exclude-newer"),
    ({"exclude-newer": LATE}, {"options": {"exclude-newer": LATER}}, f"where the lock records {LATER}"),
    (
        {"environments": ["sys_platform == 'win32'"]},
        {},
        "does not name Python 3.12 on x86_64 in environments",
    ),
    ({}, {"supported-markers": ["sys_platform == 'win32'"]}, "names Python 3.12 on x86_64 in environments"),
    ({"exclude-dependencies": ["aa"]}, {}, "has exclude-dependencies aa where the lock records none"),
    ({}, {"manifest": {"excludes": ["aa"]}}, "has exclude-dependencies none where the lock records aa"),
    ({"conflicts": [[{"extra": "a"}, {"extra": "b"}]]}, {}, "declares other conflicts"),
    ({"dependency-metadata": [{"name": "aa"}]}, {}, "other dependency-metadata for aa than"),
]


def difference(folder: Path, uv: dict[str, Any], lock: dict[str, Any]) -> str:
    pyproject = {"project": {"name": "shop"}, "tool": {"uv": uv}}
    package = [{"name": "aa", "source": {"registry": "https://host/simple"}}]
    root = read_pyproject(write_toml(folder / "pyproject.toml", pyproject))
    parsed = read_uv_lock(write_toml(folder / "uv.lock", {"version": 1, "package": package, **lock}))
    return Settings(parsed, root, Target("3.12")).difference([])


@pytest.mark.parametrize(("uv", "lock"), SAME)
def test_equal_settings(tmp_path: Path, uv: dict[str, Any], lock: dict[str, Any]) -> None:
    assert not difference(tmp_path, uv, lock)


@pytest.mark.parametrize(("uv", "lock", "text"), OTHER)
def test_other_settings_are_named(
    tmp_path: Path, uv: dict[str, Any], lock: dict[str, Any], text: str
) -> None:
    assert text in difference(tmp_path, uv, lock)


def test_uv_toml_takes_the_place_of_the_options(tmp_path: Path) -> None:
    (tmp_path / "uv.toml").write_text("")
    assert not difference(tmp_path, {"resolution": "lowest"}, {})


@pytest.mark.parametrize(
    ("asked", "recorded", "is_stale"),
    [
        (">=3.10", ">=3.11", False),
        (">=3.13", ">=3.10", True),
        ("<3.12", "<3.11", False),
        (">=3.10", ">=3.13", True),
    ],
)
def test_the_python_counts_where_the_target_is_concerned(
    tmp_path: Path, asked: str, recorded: str, is_stale: bool
) -> None:
    root = read_pyproject(
        write_toml(tmp_path / "pyproject.toml", {"project": {"name": "x", "requires-python": asked}})
    )
    lock = read_uv_lock(write_toml(tmp_path / "uv.lock", {"version": 1, "requires-python": recorded}))
    assert bool(Settings(lock, root, Target("3.12")).difference([])) == is_stale
