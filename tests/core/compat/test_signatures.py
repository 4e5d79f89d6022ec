"""Every signature of the earlier tools is accepted: those of their pages by position, those of releases by keyword."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import constructs_lib.core as lib
from tests.core.compat.earlier import RELEASES, read

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.core.compat.earlier import Earlier

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "seed-names.md").read_text()
# Absent here, and named on the page; also the steps inside a step of a builder.
ABSENT = {
    ("SourceS3Layout", "s3dir_lambda"),
    ("LambdaLayerVersionPublisher", "latest_layer_version"),
    ("LambdaLayerVersionPublisher", "step_2_1_run_publish_layer_version_api"),
    ("LambdaLayerVersionPublisher", "step_2_2_upload_dependency_manifest"),
}
INNER_STEP = re.compile(r"step_\d_\d_")
KINDS = inspect.Parameter


def documented(earlier: Earlier) -> bool:
    """Return True for a difference that the page explains."""
    inner = INNER_STEP.match(earlier.name) is not None and "Builder" in earlier.owner
    return inner or (earlier.owner, earlier.name) in ABSENT


def find(earlier: Earlier) -> object:
    owner = getattr(lib, earlier.owner) if earlier.owner else lib
    return owner if earlier.name == "__init__" else getattr(owner, earlier.name)


def parameters(earlier: Earlier) -> list[inspect.Parameter]:
    function: Callable[..., object] = find(earlier)  # type: ignore[assignment] # the caller knows
    listed = list(inspect.signature(function).parameters.values())
    is_bound = earlier.name == "__init__" or inspect.ismethod(function) or not earlier.owner
    return listed if is_bound else listed[1:]


PAGES = [earlier for earlier in read("pages") if earlier.is_callable]
RELEASED = [
    (release, earlier) for release in RELEASES for earlier in read(release) if not documented(earlier)
]


@pytest.mark.parametrize("earlier", PAGES, ids=str)
def test_the_arguments_of_a_page_are_positional_in_its_order(earlier: Earlier) -> None:
    """And the library's further arguments are optional."""
    ours = [
        it for it in parameters(earlier) if it.kind in (KINDS.POSITIONAL_ONLY, KINDS.POSITIONAL_OR_KEYWORD)
    ]
    count = len(earlier.arguments)
    assert tuple(parameter.name for parameter in ours[:count]) == earlier.arguments
    assert all(parameter.default is not KINDS.empty for parameter in ours[count:])


@pytest.mark.parametrize("earlier", [it for it in PAGES if it.name == "__init__" or not it.owner], ids=str)
def test_what_a_page_leaves_out_is_optional(earlier: Earlier) -> None:
    optional = [it for it in parameters(earlier) if it.name in set(earlier.arguments) - earlier.required]
    assert all(parameter.default is not KINDS.empty for parameter in optional)


@pytest.mark.parametrize(
    ("release", "earlier"), RELEASED, ids=[f"{release}-{earlier}" for release, earlier in RELEASED]
)
def test_a_released_name_exists_and_takes_its_keywords(release: str, earlier: Earlier) -> None:
    """Nothing else has to be given."""
    if not earlier.is_callable or earlier.name == "__init__":
        owner = getattr(lib, earlier.owner) if earlier.owner else lib
        fields = getattr(owner, "__dataclass_fields__", {})
        assert hasattr(owner, earlier.name) or earlier.name in fields
    if earlier.is_callable:
        ours = {parameter.name: parameter for parameter in parameters(earlier)}
        given = set(earlier.arguments)
        if earlier.name == "__init__":
            given = {name for name in given if (earlier.owner, name) not in ABSENT}
        assert given <= ours.keys()
        assert not [name for name in given if ours[name].kind is KINDS.POSITIONAL_ONLY]
        missing = {name for name, it in ours.items() if it.default is KINDS.empty} - given
        inherited = {"path_pyproject_toml", "py_ver_major", "py_ver_minor", "is_arm"}
        assert missing <= ({"dir_root"} | inherited if earlier.name == "__init__" else set())


@pytest.mark.parametrize("name", sorted(name for _, name in ABSENT))
def test_every_absent_name_is_on_the_page(name: str) -> None:
    assert f"`{name}" in PAGE


def test_the_steps_inside_a_step_are_on_the_page() -> None:
    assert "`step_1_1_…`" in PAGE
