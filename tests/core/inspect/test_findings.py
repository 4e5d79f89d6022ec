"""The list of findings, the page that explains each, and the error that stops a build."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import constructs_lib
from constructs_lib.core.aws_facts import LIMIT_TEXT
from constructs_lib.core.errors import InspectionError, render
from constructs_lib.core.inspect.findings import LEVELS, Finding, and_more, refuse_errors

ROOT = Path(constructs_lib.__file__).parent
PAGE = (ROOT.parent / "docs" / "reference" / "findings.md").read_text()
SECTIONS = re.findall(r"^### ([\w-]+)\n\n\*(\w+)\.\* ", PAGE, re.MULTILINE)


def test_the_page_has_every_finding_once_with_its_level() -> None:
    """Each with its level; no section for an id that does not exist."""
    assert sorted((name, level.lower()) for name, level in SECTIONS) == sorted(LEVELS.items())


def test_every_id_is_used_in_the_code() -> None:
    """No id without a check that makes it, and none that is not in the list."""
    calls = (
        node
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding"
    )
    assert {ast.literal_eval(call.args[0]) for call in calls} == set(LEVELS)


def test_a_finding_has_the_level_of_its_id() -> None:
    assert Finding("musl", "a").level == "error"
    assert Finding("foreign-musl", "a").level == "warning"
    assert Finding("smoke-test-skipped", "a").level == "note"


def test_errors_stop_and_one_line_has_all_of_them() -> None:
    """Each with its id, which the page explains; without an error the findings are returned."""
    warning = Finding("foreign-cpu", "a")
    assert refuse_errors([warning]) == [warning]
    with pytest.raises(InspectionError) as caught:
        refuse_errors([warning, Finding("musl", "b"), Finding("too-large", "c")])
    assert render(caught.value) == "error[artifact-unfit]: b [musl]; c [too-large]"


@pytest.mark.parametrize(("names", "text"), [(["a"], ""), (["a", "b"], " (and 1 more)")])
def test_names_after_the_first_are_counted(names: list[str], text: str) -> None:
    assert and_more(names) == text


def test_the_limit_is_written_as_aws_and_zip_programs_write_it() -> None:
    """In MiB, which AWS calls MB, and in bytes."""
    assert LIMIT_TEXT == "250 MiB (262 144 000 bytes)"
