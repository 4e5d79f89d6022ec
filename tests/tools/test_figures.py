"""The figures of the code, of sources written here."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tools.figures import count, main, python_files, render, repeated_names

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = '''\
"""What this module holds."""

from __future__ import annotations

import os  # the end of a line is no comment line
from collections import (
    Counter,
)

# A comment line.
LIMIT = 3
"""Whether this counts: a docstring below a constant does."""


class Box:
    """A box."""

    def add(self, one, two, *rest, three=3, four=4, **options):
        # Another.
        import json

        each, size = one, two
        for found in rest:
            size += found
        return [letter for letter in json.dumps(each)], lambda: size


async def wait():
    try: ...
    except OSError as problem: raise
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inner").mkdir()
    (tmp_path / "box.py").write_text(SOURCE)
    (tmp_path / "inner" / "box.py").write_text("")
    (tmp_path / "inner" / "__init__.py").write_text('"""Let it be."""\n')
    (tmp_path / "inner" / "notes.txt").write_text("no source")
    return tmp_path


def test_each_figure_is_counted(folder: Path) -> None:
    """In one file: lines, functions, names, docstrings, imports and comments."""
    tally = count([folder / "box.py"])
    assert tally.lines == [30]
    assert tally.function_lines == [8, 3]
    assert tally.parameters == [6, 0]  # without self
    assert (tally.docstrings, tally.hidden_subjects) == (3, 2)
    assert tally.bindings == Counter({"size": 2, "each": 1, "found": 1, "letter": 1, "problem": 1})
    assert (tally.import_lines, tally.inner_imports) == (6, 1)
    assert (tally.comment_lines, tally.lambdas) == (2, 1)


def test_names_that_python_asks_for_may_repeat(folder: Path) -> None:
    files = python_files([folder])
    assert len(files) == 3
    assert repeated_names([*files, folder / "__init__.py"]) == {"box.py": 2}


def test_the_figures_are_printed_with_their_base(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Shares have the numbers that they are made of."""
    assert main([str(folder)]) == 0
    lines = dict(line.split("  ", 1) for line in capsys.readouterr().out.splitlines())
    values = {name: value.strip() for name, value in lines.items()}
    assert values["files"] == "3"
    assert values["base names more than once"] == "box.py 2"
    assert values["function length, median / p95 / longest"] == "5.5 / 8 / 8"
    assert values["docstrings that open with What, Who, ..."] == "75.0 % (3 of 4)"
    assert values["generic local names"] == "33.3 % (2 of 6)"
    assert values["functions with 6 or more parameters"] == "50.0 % (1 of 2), most 6"
    assert values["lambdas"] == "1 (32.3 per 1000 lines)"


def test_no_code_has_figures_too() -> None:
    """No division by zero."""
    assert "lambdas" in render([], count([]))


def test_one_function_has_a_spread(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f(): pass\n")
    assert "1 / 1 / 1" in render([tmp_path / "a.py"], count([tmp_path / "a.py"]))


def test_a_missing_path_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "absent")]) == 1
    assert capsys.readouterr().err == f"figures: {tmp_path / 'absent'} does not exist\n"
