"""A dependency group with those that it includes, and the one error of a group that cannot be expanded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from packaging.utils import canonicalize_name

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.project.dependency_groups import DependencyGroups
from constructs_lib.core.project.toml_table import TomlTable
from tests.support.files.toml import write_toml

if TYPE_CHECKING:
    from pathlib import Path


def expanded(folder: Path, groups: dict[str, Any], name: str) -> list[str]:
    path = write_toml(folder / "pyproject.toml", {"dependency-groups": groups})
    document = TomlTable.read(path, "pyproject-invalid")
    return [str(requirement) for requirement in DependencyGroups(document).of(canonicalize_name(name))]


def test_a_group_has_the_requirements_of_those_it_includes(tmp_path: Path) -> None:
    """In their order; a group that the file lacks has none."""
    groups = {"a": ["aa", {"include-group": "B.c"}, "dd"], "b-c": ["bb>=1"]}
    assert expanded(tmp_path, groups, "a") == ["aa", "bb>=1", "dd"]
    assert expanded(tmp_path, groups, "z") == []


CYCLES: dict[str, dict[str, Any]] = {
    "itself": {"a": [{"include-group": "a"}]},
    "each-other": {"a": [{"include-group": "b"}], "b": [{"include-group": "a"}]},
    "three": {"a": [{"include-group": "b"}], "b": [{"include-group": "C"}], "c": [{"include-group": "A"}]},
    "below": {"a": ["aa", {"include-group": "b"}], "b": [{"include-group": "b"}]},
}
INVALID: dict[str, tuple[dict[str, Any], str]] = {
    **{name: (groups, "dependency-groups.a is not valid: Cyclic") for name, groups in CYCLES.items()},
    "no-requirement": ({"a": ["not valid !"]}, "dependency-groups.a is not valid: "),
    "included": ({"a": [{"include-group": "b"}], "b": [3]}, "dependency-groups.b is not valid: "),
    "missing": ({"a": [{"include-group": "b"}]}, "dependency-groups.a is not valid: "),
    "object": ({"a": [{"x": "y"}]}, "dependency-groups.a is not valid: "),
    "twice": ({"a": [], "b_c": [], "B-C": []}, "dependency-groups is not valid: Duplicate"),
    "deep": (
        {"a": [{"include-group": "g0"}]}
        | {f"g{number}": [{"include-group": f"g{number + 1}"}] for number in range(3000)}
        | {"g3000": []},
        "dependency-groups.a is not valid: its includes are nested too deeply",
    ),
    "written": ({"A": [3]}, "dependency-groups.A is not valid: "),
}


@pytest.mark.parametrize("case", INVALID)
def test_a_group_that_cannot_be_expanded_is_one_error(tmp_path: Path, case: str) -> None:
    """It names the file and the group to mend; a group that nothing asks for is not looked at."""
    groups, text = INVALID[case]
    groups = groups | {"fine": ["xx"]}
    if case != "twice":
        assert expanded(tmp_path, groups, "fine") == ["xx"]
    with pytest.raises(ProjectError) as caught:
        expanded(tmp_path, groups, "a")
    assert str(caught.value).startswith(f"{tmp_path / 'pyproject.toml'}: {text}")
    assert len(str(caught.value).splitlines()) == 1
    assert caught.value.id == "pyproject-invalid"
