"""The page of faults names tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "reference" / "faults.md").read_text()
CASES = re.findall(r"^\| (S\d+) \|", PAGE, re.MULTILINE)
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[f"{file} {name}" for file, name in NAMED])
def test_every_named_test_exists(file: str, name: str) -> None:
    """A claim without its test would be a claim alone."""
    tree = ast.parse((ROOT / file).read_text())
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_case_has_a_test() -> None:
    """S1 to S18 and S28 to S39 are all there, each once, each with a test."""
    wanted = [*range(1, 19), *range(28, 40)]
    assert [int(case[1:]) for case in CASES if case != "S19"] == wanted
    rows = [row for row in PAGE.splitlines() if re.match(r"\| S\d+ \|", row)]
    assert all("::test_" in row for row in rows)
