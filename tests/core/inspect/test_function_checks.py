"""A function with its layers: limits and rules that hold per function."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.aws_facts import UNZIPPED_LIMIT
from constructs_lib.core.inspect.function_checks import (
    FunctionUse,
    UsedCode,
    UsedLayer,
    check_function,
    may_be_too_large,
)
from constructs_lib.core.target import Target

DEPS = UsedLayer(
    "Shop/Deps", Target("3.13", "x86_64"), "eu-west-1", 1_000_000, {"a": "1"}, {"boto3": "2"}, ("a",)
)
FITTING = FunctionUse("x86_64", "3.13", "eu-west-1", [DEPS])


def ids(function: FunctionUse) -> list[str]:
    return [finding.id for finding in check_function(function)]


def test_a_function_like_its_layer_has_no_finding() -> None:
    assert ids(FITTING) == []


@pytest.mark.parametrize(
    ("function", "finding"),
    [
        (FITTING._replace(architecture="arm64"), "function-cpu"),
        (FITTING._replace(python_version="3.12"), "function-python"),
        (FITTING._replace(region="eu-north-1"), "function-region"),
    ],
)
def test_each_difference_is_a_finding(function: FunctionUse, finding: str) -> None:
    assert ids(function) == [finding]


def test_what_is_unknown_at_synth_is_no_finding() -> None:
    """A CPU, Python or region that a token stands for; a layer of a stack for any region."""
    assert ids(FunctionUse("", "", "", [DEPS])) == []
    assert ids(FITTING._replace(layers=[DEPS._replace(region="")])) == []


def test_pure_python_runs_on_every_cpu() -> None:
    assert ids(FITTING._replace(architecture="arm64", layers=[DEPS._replace(native=())])) == []


@pytest.mark.parametrize(("beyond", "findings"), [(0, []), (1, ["function-too-large"])])
def test_the_limit_counts_code_and_layers_to_the_byte(beyond: int, findings: list[str]) -> None:
    source = UsedCode("Shop/Code", UNZIPPED_LIMIT - DEPS.unzipped + beyond)
    assert ids(FITTING._replace(code=source)) == findings


@pytest.mark.parametrize(("beyond", "expected"), [(0, False), (1, True)])
def test_only_five_layers_count_beforehand(beyond: int, expected: bool) -> None:
    """More than a function may have are not added up; a source counts once."""
    layers = [DEPS._replace(unzipped=size) for size in (1, 2, 2, 2, 2, 2)]
    sources = [UsedCode("Shop/Code", size) for size in (5, UNZIPPED_LIMIT - 10 + beyond)]
    assert may_be_too_large(layers, sources) is expected
    assert may_be_too_large([], []) is False


def test_code_alone_can_be_too_large() -> None:
    """A function without layers."""
    function = FunctionUse("x86_64", "3.13", "", [], UsedCode("Shop/Code", UNZIPPED_LIMIT + 1))
    [finding] = check_function(function)
    assert finding.text == (
        "the function's code and layers have 262.1 MB (262 144 001 bytes) unzipped, more than the 250 MiB "
        "(262 144 000 bytes) that Lambda takes: Shop/Code 262.1 MB; leave out what this function does not need"
    )


VERSIONS = st.dictionaries(st.sampled_from("abcd"), st.sampled_from("12"))


@given(VERSIONS, VERSIONS)
def test_two_versions_are_found_in_either_order(one: dict[str, str], two: dict[str, str]) -> None:
    """Exactly for the names that both layers bring in different versions."""
    layers = [DEPS._replace(distributions=names, ignored={}) for names in (one, two)]
    differ = [name for name in one if two.get(name, one[name]) != one[name]]
    expected = ["function-two-versions"] if differ else []
    assert ids(FITTING._replace(layers=layers)) == expected
    assert ids(FITTING._replace(layers=layers[::-1])) == expected


@pytest.mark.parametrize(("version", "findings"), [("2", []), ("1", ["function-replaced"])])
def test_a_layer_in_front_of_the_runtime_counts_for_all(version: str, findings: list[str]) -> None:
    """`boto3` of one layer replaces the runtime's also for a layer that leaves it out, in either order."""
    bringer = DEPS._replace(name="Shop/Sdk", distributions={"boto3": version}, ignored={})
    assert ids(FITTING._replace(layers=[DEPS, bringer])) == findings
    assert ids(FITTING._replace(layers=[bringer, DEPS])) == findings


def test_long_lists_are_cut() -> None:
    """Ten names, and how many more."""
    many = tuple(f"n{number:02}" for number in range(12))
    [finding] = check_function(FITTING._replace(architecture="arm64", layers=[DEPS._replace(native=many)]))
    assert "n09 and 2 more; give both" in finding.text
