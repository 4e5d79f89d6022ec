"""What a finding is, and the page that explains each."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

import constructs_lib
from constructs_lib.core.errors import InspectionError
from constructs_lib.core.inspect.findings import Finding, refuse_errors

ROOT = Path(constructs_lib.__file__).parent
PAGE = (ROOT.parent / "docs" / "reference" / "findings.md").read_text()
ROWS = re.findall(r"^\| `([\w-]+)` \| (\w+) \| (.+) \| (.+) \| (.+) \|$", PAGE, re.MULTILINE)


def test_the_page_has_every_finding_once() -> None:
    """Neither one that does not exist nor one twice; each with its level, what, why and remedy."""
    names = [row[0] for row in ROWS]
    assert sorted(names) == sorted(get_args(get_type_hints(Finding)["id"]))
    assert {row[1] for row in ROWS} == set(get_args(get_type_hints(Finding)["level"]))


def test_the_page_gives_each_the_level_it_has_in_the_code() -> None:
    """By every place that makes one; a finding that nothing makes is not on the page."""
    assert made() == {(row[0], row[1]) for row in ROWS}


def made() -> set[tuple[str, str]]:
    """Id and level of every `Finding(...)` in the library."""
    calls = (
        node
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding"
    )
    return {(ast.literal_eval(call.args[0]), ast.literal_eval(call.args[1])) for call in calls}


def test_errors_stop_and_all_of_them_are_said() -> None:
    """On one line; without an error the findings are passed on."""
    warning = Finding("foreign-cpu", "warning", "a")
    assert refuse_errors([warning]) == [warning]
    with pytest.raises(InspectionError, match=r"^b; c$"):
        refuse_errors([warning, Finding("musl", "error", "b"), Finding("too-large", "error", "c")])
