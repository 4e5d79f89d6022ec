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
