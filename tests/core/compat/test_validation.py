"""An installed tree against the dependencies of its project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.compat.validation import ArtifactValidationError, validate_artifacts
from constructs_lib.core.errors import ProjectError
from tests.support.files.installed import install

if TYPE_CHECKING:
    from pathlib import Path

PYPROJECT = """\
[project]
name = "My.Shop"
dependencies = ["Cart-Lib>=1", "colorama; sys_platform == 'win32'", "fast"]
[project.optional-dependencies]
web = ["flask[async]>=3"]
All_Of_It = ["my-shop[web,all_of_it]", "extra"]
"""


@pytest.fixture
def pyproject(tmp_path: Path) -> Path:
    path = tmp_path / "pyproject.toml"
    path.write_text(PYPROJECT)
    install(tmp_path / "python", "cart_lib")
    install(tmp_path / "python", "fast", tags=["cp313-cp313-manylinux_2_28_x86_64"])
    return path


def test_a_complete_tree_is_described(tmp_path: Path, pyproject: Path) -> None:
    """Names are normalized, and what only Windows needs is not asked for."""
    assert validate_artifacts(tmp_path / "python", pyproject, check_linux=True) == {
        "ok": True,
        "errors": [],
        "packages": [
            {"name": "cart-lib", "found": True, "tags": ["py3-none-any"], "linux": None},
            {"name": "fast", "found": True, "tags": ["cp313-cp313-manylinux_2_28_x86_64"], "linux": True},
        ],
    }


@pytest.mark.parametrize("options", [{"extras": ["all-of-it"]}, {"all_extras": True}])
def test_extras_are_asked_for_with_those_they_take_along(
    tmp_path: Path, pyproject: Path, options: dict[str, bool | list[str]]
) -> None:
    """All problems are in one error, which asserts catch as well."""
    with pytest.raises(
        ArtifactValidationError, match=r"(flask|extra) is not in .*; (flask|extra) is not in "
    ) as caught:
        validate_artifacts(tmp_path / "python", pyproject, **options)  # type: ignore[arg-type] # by name
    assert isinstance(caught.value, AssertionError)
    assert caught.value.id == "artifacts-incomplete"


def test_builds_for_another_platform_are_found_if_asked_for(tmp_path: Path, pyproject: Path) -> None:
    install(tmp_path / "python", "fast", tags=["cp313-cp313-macosx_14_0_arm64"])
    assert validate_artifacts(tmp_path / "python", pyproject)["packages"][1]["linux"] is False
    with pytest.raises(AssertionError, match="fast has non-Linux tags: cp313-cp313-macosx"):
        validate_artifacts(tmp_path / "python", pyproject, check_linux=True)


def test_wrong_arguments_are_errors_of_the_project(tmp_path: Path, pyproject: Path) -> None:
    with pytest.raises(ProjectError, match="has no extra 'web2': it has web, all-of-it"):
        validate_artifacts(tmp_path / "python", pyproject, extras=["web2"])
    pyproject.write_text('[project]\nname = "shop"\ndependencies = ["=="]\n')
    with pytest.raises(ProjectError, match=r"project\.dependencies.*is '=='"):
        validate_artifacts(tmp_path / "python", pyproject)
