"""The table of AWS facts: against botocore's own model, and the only place of its figures."""

from __future__ import annotations

import ast
import re
import subprocess
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest

from constructs_lib.core import aws_facts
from constructs_lib.core.aws_facts import RUNTIMES

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(aws_facts.__file__).parents[1]
LIMITS = {
    aws_facts.UNZIPPED_LIMIT,
    aws_facts.LAYER_NAME_LENGTH,
    aws_facts.DESCRIPTION_LENGTH,
    aws_facts.LICENSE_LENGTH,
    aws_facts.PARAMETER_NAME_LENGTH,
}
PATTERNS = {aws_facts.LAYER_NAME_PATTERN, aws_facts.BUCKET_NAME_PATTERN, aws_facts.PARAMETER_NAME_PATTERN}
RULE_OF_NAMES = re.compile(r"\[[^]]*(a-z[^]]*A-Z|A-Z[^]]*a-z)[^]]*\]\{1,1[34]\d\}|\b(75|300) ?GB\b")
ENDS = [runtime.end for runtime in RUNTIMES.values() if runtime.end]
OTHER_MEANINGS = {("cdk/publisher.py", 512)}
"""The memory of the function, in MB."""


@cache
def layer_request() -> dict[str, Any]:
    """Return the limits of PublishLayerVersion's parameters as botocore's model has them."""
    model = botocore.session.get_session().get_service_model("lambda")
    shape = model.operation_model("PublishLayerVersion").input_shape
    assert shape is not None
    return {name: member.metadata for name, member in shape.members.items()}


def constants() -> Iterator[tuple[str, int, object]]:
    """Yield each constant of the package, outside of docstrings and of the table: file, line, value."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if path == Path(aws_facts.__file__):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        texts = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and id(node) not in texts:
                yield path.relative_to(PACKAGE).as_posix(), node.lineno, node.value


def test_a_layers_limits_are_those_of_the_api() -> None:
    """Botocore ships the model of PublishLayerVersion."""
    request = layer_request()
    assert request["LayerName"]["max"] == aws_facts.LAYER_NAME_LENGTH
    assert request["Description"]["max"] == aws_facts.DESCRIPTION_LENGTH
    assert request["LicenseInfo"]["max"] == aws_facts.LICENSE_LENGTH
    assert request["CompatibleRuntimes"]["max"] == aws_facts.MOST_RUNTIMES
    assert request["CompatibleArchitectures"]["max"] == aws_facts.MOST_ARCHITECTURES


@pytest.mark.parametrize("name", ["a", "deps_1-X", "n" * 140, "", "a b", "a.b", "ü", "n" * 141, "deps\n"])
def test_a_layers_name_is_that_of_the_api(name: str) -> None:
    """The API's pattern allows an ARN as well, which no layer is published under here."""
    rule = layer_request()["LayerName"]
    allowed = rule["min"] <= len(name) <= rule["max"] and re.fullmatch(rule["pattern"], name)
    assert bool(re.fullmatch(aws_facts.LAYER_NAME_PATTERN, name)) == bool(allowed)


@pytest.mark.parametrize("end", ENDS)
def test_a_runtime_ends_in_three_steps(end: aws_facts.End) -> None:
    """Lambda stops patching, then creation, then updates (developer guide, "Runtime deprecation policy")."""
    assert end.deprecated < end.create_blocked < end.update_blocked


def test_botocore_has_every_runtime() -> None:
    """The API takes their names; an older botocore may lack those of previews."""
    model = botocore.session.get_session().get_service_model("lambda")
    runtimes: list[str] = getattr(model.shape_for("Runtime"), "enum")  # noqa: B009 - the stubs lack it
    assert {f"python{version}" for version in RUNTIMES if version not in aws_facts.PREVIEWS} <= set(runtimes)


def test_a_preview_is_newer_than_the_default() -> None:
    """And is no default itself."""
    versions = list(RUNTIMES)
    assert aws_facts.NEWEST not in aws_facts.PREVIEWS
    assert versions[versions.index(aws_facts.NEWEST) + 1 :] == list(aws_facts.PREVIEWS)


def test_the_table_was_checked_in_the_last_half_year() -> None:
    """Dates of runtimes change, and previews end: after that time the table must be compared again.

    Against the day of the newest commit, so that an old checkout keeps passing.
    """
    day = subprocess.run(
        ["git", "log", "-1", "--format=%cs"], cwd=PACKAGE, capture_output=True, text=True, check=True
    ).stdout.strip()
    assert date.fromisoformat(day) - aws_facts.CHECKED < timedelta(days=183)


def test_older_pythons_end_first() -> None:
    """A mistyped year would break the order."""
    ends = [end.deprecated for end in ENDS]
    assert ends == sorted(ends)


def test_no_limit_and_no_pattern_stands_a_second_time() -> None:
    """A figure of AWS that changes is changed in one place."""
    again = [
        f"{path}:{line}: {value!r}"
        for path, line, value in constants()
        if (type(value) is int and value in LIMITS and (path, value) not in OTHER_MEANINGS)
        or (isinstance(value, str) and (RULE_OF_NAMES.search(value) or any(p in value for p in PATTERNS)))
    ]
    assert again == []


def test_the_table_needs_nothing_of_the_library() -> None:
    """Synthesis and the function in Lambda read it without loading anything else."""
    tree = ast.parse(Path(aws_facts.__file__).read_text("utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert modules == {"__future__", "datetime", "typing"}
