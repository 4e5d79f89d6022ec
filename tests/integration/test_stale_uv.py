"""A lock that no longer answers pyproject.toml is refused; uv itself is asked for a second opinion."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import LockOptions
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.target import Target
from tests.support.builders.uv import Shop
from tests.support.files.sources import write_src_project
from tests.support.index.simple_index import running_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

BEFORE = ("aa>=1,<2", "bb[fast]", "cc; python_version >= '3.8' and sys_platform == 'linux'", "lib")
HEAD = "[project.optional-dependencies]\n"
SETTINGS = '[tool.uv.sources]\nlib = { path = "../lib" }\n'


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with running_index() as index:
        shop = Shop(tmp_path, index, WheelStore(tmp_path / "store"))
        for name in ("aa", "bb", "cc", "dd"):
            shop.serve(name, files={f"{name}.py": b""})
        shop.serve("aa", "2.0")
        write_src_project(tmp_path / "lib", "lib")
        write_src_project(tmp_path / "other" / "lib", "lib")
        shop.settings = SETTINGS
        yield shop.locked(*BEFORE)


def edited(*changes: tuple[str, str]) -> tuple[str, ...]:
    """Return the dependencies with each first text replaced by the second; an empty one takes the line out."""
    lines = list(BEFORE)
    for old, new in changes:
        assert old in lines
        lines[lines.index(old)] = new
    return tuple(filter(None, lines))


STALE = {
    "added": ((*BEFORE, "dd"), SETTINGS, "asks for dd, of which the lock knows nothing"),
    "removed": (edited(("aa>=1,<2", "")), SETTINGS, "no longer asks for aa<2,>=1"),
    "specifier": (edited(("aa>=1,<2", "aa>=1")), SETTINGS, "asks for aa>=1 where the lock records aa<2,>=1"),
    "extras": (edited(("bb[fast]", "bb")), SETTINGS, "asks for bb where the lock records bb[fast]"),
    "marker": (
        edited((BEFORE[2], "cc; sys_platform == 'win32'")),
        SETTINGS,
        "no longer asks for cc",
    ),
    "source": (BEFORE, '[tool.uv.sources]\nlib = { path = "../other/lib" }\n', "asks for lib from path "),
    "no-source": (BEFORE, "", "asks for lib where the lock records lib from path "),
    "constraint": (BEFORE, f'constraint-dependencies = ["aa<1.5"]\n{SETTINGS}', "asks for aa<1.5"),
    "scoped-override": (
        BEFORE,
        f'override-dependencies = [{{ package = {{ name = "aa" }}, dependencies = ["bb==1.0"] }}]\n{SETTINGS}',
        "asks for bb==1.0",
    ),
    "override": (BEFORE, f'override-dependencies = ["bb==1.0"]\n{SETTINGS}', "asks for bb==1.0"),
}
FRESH = {
    "order": (tuple(reversed(BEFORE)), SETTINGS),
    "spelling": (
        edited(
            ("aa>=1,<2", "AA <2, >=1"),
            ("bb[fast]", "bb [FAST]"),
            (BEFORE[2], 'CC ; sys_platform=="linux" and python_version>="3.8"'),
        ),
        SETTINGS.replace("../lib", "./../lib/"),
    ),
    "groups": (BEFORE, f'{SETTINGS}[dependency-groups]\ndev = ["dd"]\n'),
    "own-extras": (BEFORE, f'{SETTINGS}[project.optional-dependencies]\nmore = ["dd"]\n'),
    "other-target": ((*BEFORE, "dd; sys_platform == 'win32'"), SETTINGS),
    "path-written-out": (BEFORE, None),
}
# uv compares more than a layer is made of: groups, extras and what other systems install.
UV_DISAGREES = {"groups", "own-extras", "other-target"}


@pytest.mark.parametrize("case", STALE)
def test_a_stale_lock_is_refused_and_not_touched(shop: Shop, case: str) -> None:
    """What changed, and how to refresh; uv finds it stale too, and once locked again it is not."""
    dependencies, settings, why = STALE[case]
    lock = shop.project / "uv.lock"
    before = (lock.read_bytes(), lock.stat().st_mtime_ns)
    shop.settings = settings
    shop.write(dependencies)
    with pytest.raises(ProjectError) as caught:
        shop.build()
    text = str(caught.value)
    assert text.startswith(f"{lock} is stale: {shop.project}/pyproject.toml {why}")
    assert text.endswith(f"Run 'uv lock' in {shop.project} and commit the result")
    assert len(text.splitlines()) == 1
    assert (lock.read_bytes(), lock.stat().st_mtime_ns) == before
    assert sum(shop.index.asked.values()) == 0
    assert shop.lock("--check").returncode != 0
    if case != "no-source":  # nobody has `lib` then
        assert shop.lock().returncode == 0
        shop.build()


@pytest.mark.parametrize("case", FRESH)
def test_what_does_not_change_the_layer_is_not_stale(shop: Shop, case: str) -> None:
    """And it is the same layer; uv agrees, but for what it compares beyond the layer."""
    first = shop.build()
    dependencies, settings = FRESH[case]
    shop.settings = (
        f'[tool.uv.sources]\nlib = {{ path = "{shop.root}/lib" }}\n' if settings is None else settings
    )
    shop.write(dependencies)
    assert shop.build().archive.sha256 == first.archive.sha256
    assert (shop.lock("--check").returncode == 0) == (case not in UV_DISAGREES)


def test_a_new_version_of_the_project_is_not_stale(shop: Shop) -> None:
    """It is no part of its own layer, so a release does not need a new lock."""
    path = shop.project / "pyproject.toml"
    first = shop.build()
    path.write_text(path.read_text().replace('version = "1.0"', 'version = "2.0"', 1))
    assert shop.build().archive.sha256 == first.archive.sha256


def test_requires_python_counts_where_the_target_is_concerned(shop: Shop) -> None:
    """A runtime that pyproject.toml no longer allows is refused."""
    path = shop.project / "pyproject.toml"
    path.write_text(path.read_text().replace('">=3.10"', '">=3.13"'))
    with pytest.raises(
        ProjectError, match=r"asks for Python >=3\.13, the lock is for >=3\.10\. Run 'uv lock'"
    ):
        shop.build()
    shop.target = Target("3.13")
    assert "aa==1.0" in shop.build().distributions


def test_a_path_dependencys_own_requirements_count(shop: Shop) -> None:
    """Its pyproject.toml is named, and the lock that has to be refreshed."""
    write_src_project(shop.root / "lib", "lib", dependencies=["dd"])
    with pytest.raises(ProjectError) as caught:
        shop.build()
    text = str(caught.value)
    assert text.startswith(f"{shop.project}/uv.lock is stale: ")
    assert f"{shop.root}/lib/pyproject.toml" in text.replace(f"{shop.project}/../lib", f"{shop.root}/lib")
    assert "asks for dd, of which the lock knows nothing" in text


GROUPS = """[dependency-groups]
My_Group = ["aa==1.0"]
main = [{ include-group = "Other_One" }]
other-one = ["bb"]

[project.optional-dependencies]
Fancy_Extra = ["dd"]
"""
SPELLINGS = {
    "group": (LockOptions(groups=("my-group",)), ["aa", "cc"]),
    "group-as-written": (LockOptions(only_groups=("My_Group",)), ["aa"]),
    "extra": (LockOptions(extras=("fancy-extra",)), ["cc", "dd"]),
    "extra-as-written": (LockOptions(extras=("Fancy_Extra",)), ["cc", "dd"]),
    "include": (LockOptions(only_groups=("main",)), ["bb"]),
}


@pytest.mark.parametrize("case", SPELLINGS)
def test_a_fresh_lock_fits_however_names_are_spelled(shop: Shop, case: str) -> None:
    """The names of extras and groups in uv.lock are normalized (PEP 503, 685, 735)."""
    options, names = SPELLINGS[case]
    shop.settings = GROUPS
    shop.locked("cc")
    layer = shop.build(lock=options)
    assert [distribution.partition("==")[0] for distribution in layer.distributions] == names
    if case == "group":
        path = shop.project / "pyproject.toml"
        path.write_text(path.read_text().replace("aa==1.0", "aa==2.0"))
        with pytest.raises(ProjectError, match=r"asks for aa==2\.0 where the lock records aa==1\.0"):
            shop.build(lock=options)


def test_groups_that_came_to_include_each_other_are_one_line(shop: Shop) -> None:
    shop.settings = '[dependency-groups]\na = ["aa"]\nb = [{ include-group = "a" }]\n'
    shop.locked("cc")
    shop.settings = shop.settings.replace('"aa"', '{ include-group = "b" }')
    shop.write(["cc"])
    with pytest.raises(ProjectError, match=r"pyproject\.toml: dependency-groups\.a is not valid: Cyclic"):
        shop.build(lock=LockOptions(groups=("a",)))


@pytest.mark.parametrize("table", ['[tool]\npoetry = "x"\n', '[tool.poetry]\nsource = ["x"]\n'])
def test_a_broken_table_of_another_tool_is_no_matter(shop: Shop, table: str) -> None:
    """A layer is built as uv would build it, though its wheels are fetched for the first time."""
    shop.settings = ""
    shop.locked("aa<2")
    path = shop.project / "pyproject.toml"
    path.write_text(path.read_text().replace("[tool.uv]", f"{table}[tool.uv]"))
    assert shop.build().distributions == ("aa==1.0",)


def test_one_build_reads_pyproject_once(shop: Shop) -> None:
    """Reads, and so scans for secrets and parses: the value travels, not the path."""
    reads: list[str] = []
    is_counting = True

    def count(event: str, arguments: tuple[object, ...]) -> None:
        if is_counting and event == "open" and str(arguments[0]).endswith("/pyproject.toml"):
            reads.append(str(arguments[0]))

    shop.settings = ""
    shop.locked("aa<2")
    sys.addaudithook(count)  # it cannot be removed again
    try:
        assert shop.build(ignore_package_list=["bb"]).sbom
    finally:
        is_counting = False
    assert reads == [str(shop.project / "pyproject.toml")]
