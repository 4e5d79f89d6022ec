"""Findings that the user accepts for one distribution."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import get_args

import pytest

import constructs_lib
from constructs_lib.core.errors import InspectionError, ProjectError
from constructs_lib.core.inspect.acknowledge import (
    Acknowledgement,
    acknowledge,
    find_unused,
    parse_acknowledgements,
)
from constructs_lib.core.inspect.findings import Finding, IdOfOneDistribution, refuse_errors

ERROR = Finding("wrong-cpu", "demo-1.0-py3-none-any.whl: x is for aarch64", "demo")
ACCEPTED = (Acknowledgement("wrong-cpu", "demo"),)


def test_an_acknowledged_error_is_a_note_that_shows_it() -> None:
    """It does not stop the build, and its id stays readable; accepting it twice changes nothing more."""
    [note] = findings = acknowledge([ERROR], ACCEPTED)
    assert refuse_errors(findings) == findings
    assert (note.level, note.acknowledged) == ("note", True)
    assert note.text == "acknowledged: demo-1.0-py3-none-any.whl: x is for aarch64 [wrong-cpu]"
    assert acknowledge(findings, ACCEPTED) == findings


@pytest.mark.parametrize("accepted", [("musl", "demo"), ("wrong-cpu", "other")])
def test_another_id_or_distribution_is_not_accepted(accepted: tuple[str, str]) -> None:
    with pytest.raises(InspectionError):
        refuse_errors(acknowledge([ERROR], [Acknowledgement(*accepted)]))


def test_an_acknowledgement_without_a_finding_is_a_note() -> None:
    """Once, however often it is written; one that is used is not mentioned."""
    accepted = parse_acknowledgements(["musl:demo", "musl:demo", "wrong-cpu:Demo"])
    [note] = find_unused(acknowledge([ERROR], accepted), accepted)
    assert (note.id, note.level) == ("acknowledgement-unused", "note")
    assert note.text == "acknowledge has musl:demo, but this build has no such finding: take it out"


def test_names_are_normalized() -> None:
    assert parse_acknowledgements(["path-file: My_Demo"]) == (Acknowledgement("path-file", "my-demo"),)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (["demo"], r"^acknowledge has 'demo': it must be a list of texts id:distribution"),
        (["wrong-cpu:"], r"^acknowledge has 'wrong-cpu:': it must be"),
        ("wrong-cpu:demo", r"^acknowledge has 'wrong-cpu:demo': it must be a list"),
        (
            ["wrong-cpus:demo"],
            r"^acknowledge has 'wrong-cpus', which is no finding about one .*: exclude-files-breaks, ",
        ),
        (["too-large:demo"], r"^acknowledge has 'too-large', which is no finding about one distribution"),
        (["path-conflict:demo"], r"^acknowledge has 'path-conflict', which is no finding about one distr"),
        (["wrong-cpu:demo==1"], r"^acknowledge has 'wrong-cpu:demo==1', and 'demo==1' is no name of a distr"),
        (["\x1b[31m:demo"], r"^acknowledge has '\\x1b\[31m'"),
    ],
)
def test_another_form_or_an_unknown_id_is_refused(values: list[str], text: str) -> None:
    """With the form, or with the ids that exist."""
    with pytest.raises(ProjectError, match=text) as caught:
        parse_acknowledgements(values)
    assert caught.value.id == "acknowledge-invalid"


def test_the_ids_of_one_distribution_are_those_whose_findings_name_it() -> None:
    """Each place in the code that makes such a finding gives the distribution, and no other place does."""
    root = Path(constructs_lib.__file__).parent
    calls = [
        node
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding"
    ]
    with_name = {ast.literal_eval(call.args[0]) for call in calls if len(call.args) == 3}
    without = {ast.literal_eval(call.args[0]) for call in calls if len(call.args) < 3}
    assert with_name == set(get_args(IdOfOneDistribution))
    assert with_name.isdisjoint(without)
