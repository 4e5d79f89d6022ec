"""Each module has its test at the mirrored path, or stands below with a reason."""

from __future__ import annotations

import sys
import sysconfig
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE, TESTS = ROOT / "constructs_lib", ROOT / "tests"

# An `__init__.py` has a docstring only, or is a façade, which `test_seed_names.py` and `integration/test_core_alone.py`
# go through name by name.
WITHOUT_A_TEST_OF_ITS_OWN = {
    "it holds no more than names and types": (
        "core/source/source_options.py",
        "handler/context.py",
        "handler/outcome.py",
    ),
    "`integration/test_command_line.py` runs it as people do": ("__main__.py",),
}
EXCUSED = {module for modules in WITHOUT_A_TEST_OF_ITS_OWN.values() for module in modules}
MODULES = [
    path.relative_to(PACKAGE).as_posix()
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.name != "__init__.py"
]


def mirror(module: str) -> Path:
    path = TESTS / module
    return path.with_name(f"test_{path.stem.strip('_')}.py")


@pytest.mark.parametrize("module", [module for module in MODULES if module not in EXCUSED])
def test_a_module_has_its_test(module: str) -> None:
    """At the same path, so that it is found without a search."""
    assert mirror(module).is_file(), f"{mirror(module).relative_to(ROOT)} is missing"


def test_the_list_holds_what_has_no_test_and_nothing_else() -> None:
    """Neither modules that are gone, nor those that have got a test."""
    assert sorted(EXCUSED - set(MODULES)) == []
    assert [module for module in sorted(EXCUSED) if mirror(module).is_file()] == []
    assert len(EXCUSED) == sum(map(len, WITHOUT_A_TEST_OF_ITS_OWN.values())), "a module stands there twice"


@pytest.mark.parametrize("tool", sorted(path.stem for path in (ROOT / "tools").glob("*.py")))
def test_a_tool_hides_no_module(tool: str) -> None:
    """`python tools/x.py` puts the folder first on the path: a tool named `packaging` would hide that library."""
    assert tool == "__init__" or (
        tool not in sys.stdlib_module_names
        and PathFinder.find_spec(tool, [sysconfig.get_path("purelib")]) is None
    )
