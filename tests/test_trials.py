"""The page of trials names tests that exist, and every trial."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "contributing" / "lock-trials.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
# Two numbers were never given.
TRIALS = [f"R{number}" for number in range(1, 29) if number != 27] + [
    f"T{number}" for number in range(1, 31) if number != 27
]


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_named_test_exists(path: str, name: str) -> None:
    """At its path, as a function."""
    tree = ast.parse((ROOT / path).read_text())
    assert name in [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]


def test_every_trial_has_a_row_with_a_test() -> None:
    rows = [line.split("|") for line in PAGE.splitlines() if re.match(r"\| [RT]\d", line)]
    assert sorted(trial for row in rows for trial in row[1].strip().split(", ")) == sorted(TRIALS)
    assert all("::" in row[3] for row in rows)
