"""Types of arguments: what annotations accept, what they refuse, and the line that tells it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.argument_types import find_problem, typed
from constructs_lib.core.errors import ProjectError, render
from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.layer.layer_options import LayerOptions
from constructs_lib.core.lock.locked import LockOptions
from constructs_lib.core.report.page import render_html
from constructs_lib.core.source.build_source import build_source
from constructs_lib.core.source.source_options import SourceOptions
from constructs_lib.core.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable

VALUES: dict[str, list[object]] = {
    "None": [None],
    "str": ["", "a"],
    "bytes": [b"a"],
    "bool": [True, False],
    "int": [0, -3],
    "Path": [Path()],
    "Sequence[str]": [[], ["a"], ("a",)],
    "tuple[Path, ...]": [(Path(),), []],
    "target.Target": [Target("3.13")],
}
KINDS = sorted(VALUES)


@given(st.lists(st.sampled_from(KINDS), min_size=1, unique=True), st.sampled_from(KINDS), st.data())
def test_a_value_fits_the_alternatives_that_name_its_type(
    kinds: list[str], kind: str, data: st.DataObject
) -> None:
    """And no other; the empty list is a list of everything."""
    value = data.draw(st.sampled_from(VALUES[kind]))
    is_empty_list = value == [] and any("[" in name for name in kinds)
    problem = find_problem("a", " | ".join(kinds), value)
    assert (problem is None) == (kind in kinds or is_empty_list)


@given(st.text())
def test_a_text_is_never_a_list_of_letters(text: str) -> None:
    problem = find_problem("extras", "Sequence[str] | None", text)
    assert problem is not None
    remedy = f": write extras=[{text!r}]" if len(repr(text)) <= 60 else ""
    assert problem.wanted == f"a list of str or None{remedy}"


def test_a_set_is_no_list() -> None:
    """Its order is another in each process, and patterns are read in order."""
    assert find_problem("exclude", "Sequence[str]", {"a"}) == ("exclude", "of type set", "a list of str")


def test_a_class_of_the_same_name_does_not_fit() -> None:
    problem = find_problem("target", "Target", type("Target", (), {})())
    assert problem == ("target", "of type Target", "Target")


def test_a_subclass_fits() -> None:
    class Special(Target):
        pass

    assert find_problem("target", "Target", Special("3.13")) is None


def test_a_secret_is_not_shown() -> None:
    """Nor a long value."""
    assert find_problem("credentials", "Sequence[Credentials]", "u:p") == (
        "credentials",
        "of type str",
        "a list of Credentials",
    )
    assert find_problem("entry", "None", "x" * 100) == ("entry", "of type str", "None")


def test_arguments_by_place_and_by_name_are_checked() -> None:
    """What has no annotation, and what is no argument, is not looked at."""

    @typed
    def function(first: int, second: str = "b", *, third: bool = False) -> tuple[object, ...]:
        return first, second, third

    assert function(1, "c", third=True) == (1, "c", True)
    assert function(first=1) == (1, "b", False)
    loose = cast("Any", function)
    with pytest.raises(ProjectError, match=r"^function: first is '1' \(str\); it must be int$"):
        loose("1")
    with pytest.raises(ProjectError, match=r"^function: second is 2 \(int\); it must be str$"):
        loose(1, 2)
    with pytest.raises(ProjectError, match=r"^function: third is 'no' \(str\); it must be bool$"):
        loose(1, third="no")
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        loose(1, fourth=1)


CALLS: list[tuple[Callable[..., object], tuple[Any, ...], dict[str, Any], str]] = [
    (
        LayerOptions,
        (),
        {"ignore_package_list": "boto3"},
        "LayerOptions: ignore_package_list is 'boto3' (str); it must",
    ),
    (LayerOptions, (), {"lock": {}}, "LayerOptions: lock is of type dict; it must be LockOptions"),
    (
        LockOptions,
        (),
        {"extras": "dev"},
        "LockOptions: extras is 'dev' (str); it must be a list of str: write extras",
    ),
    (
        SourceOptions,
        ("src",),
        {},
        "SourceOptions: include is 'src' (str); it must be a list of str or None: write",
    ),
    (Target, (3.13,), {}, "Target: python_version is 3.13 (float); it must be str"),
    (Target, (["3.13"],), {}, "Target: python_version is of type list; it must be str"),
    (
        build_layer,
        (".", "a.zip", Target("3.13")),
        {},
        "build_layer: path_layer_zip is 'a.zip' (str); it must be Path",
    ),
    (build_layer, (".", Path(), "3.13"), {}, "build_layer: target is '3.13' (str); it must be Target"),
    (
        build_source,
        (".", Path(), LayerOptions()),
        {},
        "build_source: options is of type LayerOptions; it must be Sou",
    ),
    (render_html, ("layer.zip",), {}, "render_html: report is 'layer.zip' (str); it must be LayerReport"),
]


@pytest.mark.parametrize(("function", "args", "kwargs", "line"), CALLS, ids=[line[:50] for *_, line in CALLS])
def test_the_public_names_refuse_wrong_types(
    function: Callable[..., object], args: tuple[Any, ...], kwargs: dict[str, Any], line: str
) -> None:
    """In one line, with an id, before anything is read or written."""
    with pytest.raises(ProjectError) as caught:
        function(*args, **kwargs)
    assert render(caught.value).startswith(f"error[argument-type]: {line}")
