"""Dependencies, extras and dependency groups under normalized names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.project.pyproject import read_pyproject
from tests.support.files.toml import write_toml

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.project.requirements import ProjectRequirements


def requirements(folder: Path, **document: Any) -> ProjectRequirements:
    tables = {key.replace("_", "-"): value for key, value in document.items()}
    return read_pyproject(write_toml(folder / "pyproject.toml", tables)).requirements


def names(*given: Any) -> list[str]:
    return [str(requirement) for requirements in given for requirement in requirements]


def test_names_of_extras_and_groups_are_normalized(tmp_path: Path) -> None:
    """However the file, an include or the question spells them (PEP 503, 685, 735)."""
    read = requirements(
        tmp_path,
        project={"dependencies": ["aa>=1"], "optional-dependencies": {"Fancy_Extra": ["bb[x]"]}},
        dependency_groups={"My_Group": ["cc", {"include-group": "Other.One"}], "other-one": ["dd"]},
    )
    for extra in ("fancy-extra", "Fancy_Extra", "FANCY.extra"):
        assert names(read.of_extra(extra)) == ["bb[x]"]
    for group in ("my-group", "My_Group"):
        assert names(read.of_group(group)) == ["cc", "dd"]
    assert names(read.chosen(["fancy-extra"], ["my-group"])) == ["aa>=1", "bb[x]", "cc", "dd"]
    assert names(read.chosen(["fancy-extra"], ["my-group"], ["other-one"])) == ["cc", "dd", "dd"]
    assert names(read.of_extra("none"), read.of_group("none")) == []


def test_uvs_older_development_dependencies_are_the_group_dev(tmp_path: Path) -> None:
    tool = {"uv": {"dev-dependencies": ["bb"]}}
    assert names(requirements(tmp_path, tool=tool).of_group("dev")) == ["bb"]
    both = requirements(tmp_path, tool=tool, dependency_groups={"dev": ["aa"]})
    assert names(both.of_group("Dev"), both.of_group("test")) == ["aa", "bb"]


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
    read = requirements(tmp_path, dependency_groups=groups | {"fine": ["xx"]})
    if case != "twice":
        assert names(read.of_group("fine")) == ["xx"]
    with pytest.raises(ProjectError) as caught:
        read.of_group("a")
    assert str(caught.value).startswith(f"{tmp_path / 'pyproject.toml'}: {text}")
    assert len(str(caught.value).splitlines()) == 1
    assert caught.value.id == "pyproject-invalid"


def test_two_spellings_of_one_extra_are_refused(tmp_path: Path) -> None:
    """As uv does: which of them would count?"""
    read = requirements(tmp_path, project={"optional-dependencies": {"A_B": ["aa"], "a-b": ["bb"]}})
    with pytest.raises(
        ProjectError, match=r"optional-dependencies\.a-b and .*A_B are two names of one extra"
    ):
        read.of_extra("a-b")


def test_an_invalid_requirement_is_named(tmp_path: Path) -> None:
    read = requirements(tmp_path, project={"dependencies": ["aa", "not valid !"]})
    with pytest.raises(
        ProjectError, match=r": project\.dependencies\[1\] is 'not valid !', it must be a req"
    ):
        read.chosen()
