from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import LockOptions
from constructs_lib.core.metadata.dependency_graph import (
    ROOT,
    dependency_graph,
    direct_requirements,
    missing_dependencies,
)
from constructs_lib.core.project.pyproject import read_pyproject
from constructs_lib.core.target import Target
from tests.support.files.toml import write_toml

if TYPE_CHECKING:
    from pathlib import Path

TARGET = Target("3.12", "arm64")


def graph(direct: list[str], **requires: list[str]) -> dict[str, set[str]]:
    named = {name.replace("_", "-"): lines for name, lines in requires.items()}
    return {name: set(needed) for name, needed in dependency_graph(direct, named, TARGET).items()}


def test_edges_are_what_applies_inside_lambda() -> None:
    """Markers are judged for the target, names compared as PEP 503 says, and only what the layer holds counts."""
    lines = [
        "B_b>=1",
        "c; python_version < '3.12'",
        "d; platform_machine == 'aarch64'",
        "e; sys_platform == 'win32'",
        "boto3",
        "not a requirement",
        "d @ nonsense ;;",
    ]
    found = graph(["a", "c", "e"], a=lines, b_b=[], c=[], d=[], e=[])
    assert found == {
        ROOT: {"a", "c", "e"},
        "a": {"b-b", "d"},
        "b-b": set(),
        "c": set(),
        "d": set(),
        "e": set(),
    }


def test_extras_count_where_somebody_asks_for_them() -> None:
    """By the project or by another distribution, and through extras that ask for extras."""
    web = ["loop; extra == 'fast'", "web[fast]; extra == 'all'", "docs; extra == 'docs'"]
    assert graph(["web"], web=web, loop=[], docs=[])["web"] == set()
    assert graph(["web[all]"], web=web, loop=[], docs=[])["web"] == {"loop"}
    assert graph(["app"], app=["web[docs]"], web=web, docs=[], loop=[])["web"] == {"docs"}


def missing(direct: list[str], **requires: list[str]) -> dict[str, set[str]]:
    return {name: set(absent) for name, absent in missing_dependencies(direct, requires, TARGET).items()}


def test_missing_is_what_a_distribution_needs_and_nobody_names() -> None:
    """By the target's markers; a distribution does not miss itself."""
    lines = [
        "B_b>=1",
        "c; python_version < '3.12'",
        "d",
        "e; sys_platform == 'win32'",
        "not a requirement",
        "a[x]",
    ]
    assert missing([], a=lines, d=["f"]) == {"a": {"b-b"}, "d": {"f"}}
    assert missing(["gone"], a=["d"], d=[]) == {}


def test_extras_that_nobody_asks_for_miss_nothing() -> None:
    """An extra counts where the project or another distribution asks for it, in any spelling."""
    web = ["loop; extra == 'fast-loop'", "web[Fast_Loop]; extra == 'all'", "docs; extra == 'docs'"]
    assert missing(["web"], web=web) == {}
    assert missing(["web[all]"], web=web) == {"web": {"loop"}}
    assert missing([], web=web, app=["web[docs]"]) == {"web": {"docs"}}


def test_what_nothing_leads_to_belongs_to_the_project() -> None:
    """Of distributions that only need each other the first one does."""
    found = graph([], alone=[], a=["b"], b=["a"], c=["d"], d=[])
    assert found[ROOT] == {"a", "alone", "c"}


names = st.sampled_from(list("abcdef"))


@given(st.lists(names), st.dictionaries(names, st.lists(names)))
def test_every_distribution_is_reached_from_the_project(
    direct: list[str], requires: dict[str, list[str]]
) -> None:
    """A viewer that starts at the root shows the whole layer."""
    found = dependency_graph(direct, requires, TARGET)
    reached, waiting = set[str](), [ROOT]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(found[name])
    assert reached == {ROOT, *requires}


PYPROJECT: dict[str, Any] = {
    "project": {"dependencies": ["main"], "optional-dependencies": {"Fast_One": ["loop"]}},
    "dependency-groups": {
        "Jobs_A": ["queue[x]==1", {"include-group": "Shared"}],
        "shared": ["log"],
    },
}


def test_the_projects_own_requirements(tmp_path: Path) -> None:
    """The main ones, those of the chosen extras, and those of groups with the groups they include, however spelled."""
    pyproject = read_pyproject(write_toml(tmp_path / "pyproject.toml", PYPROJECT))
    assert direct_requirements(pyproject, LockOptions()) == ("main",)
    chosen = LockOptions(extras=("fast-one", "none"), groups=("jobs-a",))
    assert direct_requirements(pyproject, chosen) == ("main", "loop", "queue[x]==1", "log")
    assert direct_requirements(pyproject, LockOptions(only_groups=("Jobs_A",))) == ("queue[x]==1", "log")


def test_another_shape_is_one_error(tmp_path: Path) -> None:
    pyproject = read_pyproject(write_toml(tmp_path / "pyproject.toml", {"project": {"dependencies": "x"}}))
    with pytest.raises(ProjectError, match=r"project\.dependencies is 'x', it must be a list"):
        direct_requirements(pyproject, LockOptions())


@pytest.mark.parametrize("marker", ["os_name ~= 'x'", "'x' in extras"])
def test_a_marker_that_cannot_be_evaluated_is_no_edge(marker: str) -> None:
    """A wheel's METADATA may hold one; the document is made all the same."""
    assert graph(["a"], a=[f"b; {marker}"], b=[])["a"] == set()
