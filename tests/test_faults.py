"""The pages of faults and of trials name tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference"
SYNTH, DEPLOY = ((REFERENCE / name).read_text() for name in ("faults.md", "deploy-faults.md"))
TRIALS = (ROOT / "docs" / "contributing" / "trials.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", SYNTH + DEPLOY + TRIALS)))


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[f"{file} {name}" for file, name in NAMED])
def test_every_named_test_exists(file: str, name: str) -> None:
    """A claim without its test would be a claim alone."""
    tree = ast.parse((ROOT / file).read_text())
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("page", "letter", "last"), [(SYNTH, "S", 46), (DEPLOY, "D", 56)], ids=["S", "D"])
def test_every_case_has_a_test(page: str, letter: str, last: int) -> None:
    """S1 to S46 and D1 to D56 are all there, each once, each with a test."""
    rows = re.findall(rf"^\| {letter}(\d+) \|(.*)", page, re.MULTILINE)
    assert [int(number) for number, _ in rows] == [*range(1, last + 1)]
    assert all("::test_" in row for _, row in rows)


def test_every_trial_has_a_test_or_a_reason() -> None:
    """Trials 1 to 73 are all there but for 12, each once; a row without a test gives the reason."""
    rows = re.findall(r"^\| (\d+) \|.*\| ([^|]+) \|$", TRIALS, re.MULTILINE)
    assert [int(number) for number, _ in rows] == [number for number in range(1, 74) if number != 12]
    assert all(("::test_" in proof) != proof.startswith("no test: ") for _, proof in rows)
