"""Distributions that a layer leaves to the runtime."""

from __future__ import annotations

from pathlib import Path

import pytest

from constructs_lib.core.inspect.findings import Finding
from constructs_lib.core.inspect.needs import check_boto3, check_ignored, check_missing
from constructs_lib.core.target import Target

TARGET = Target("3.13")


@pytest.mark.parametrize("kept", [set(), {"requests"}, {"boto3", "botocore", "s3transfer", "six"}])
def test_all_of_boto3_or_none_is_fine(kept: set[str]) -> None:
    """The default ignores all three; those who pin boto3 bring all three."""
    assert check_boto3(kept) == []


@pytest.mark.parametrize(
    ("kept", "text"),
    [
        ({"boto3"}, "the layer holds boto3 while botocore and s3transfer come from the runtime, "),
        (
            {"boto3", "botocore"},
            "the layer holds boto3 and botocore while s3transfer comes from the runtime, ",
        ),
        (
            {"botocore", "aiobotocore"},
            "the layer holds botocore while boto3 and s3transfer come from the runtime, ",
        ),
    ],
)
def test_a_part_of_boto3_is_a_warning(kept: set[str], text: str) -> None:
    """The parts are released together and break apart; the remedy is all or none."""
    [finding] = check_boto3(kept)
    assert (finding.id, finding.level) == ("boto3-pair", "warning")
    assert finding.text.startswith(text)


def test_a_distribution_that_no_other_needs_is_not_mentioned() -> None:
    """The lock has boto3 because the project itself asks for it."""
    assert check_ignored({"demo": {"idna"}}, {"boto3": "boto3==1.40.1"}, TARGET) == []
    assert check_ignored({"demo": {"boto3"}}, {}, TARGET) == []


def test_one_note_names_all_who_need_it() -> None:
    """With the version that the lock asks for, and one that the runtime is known to have had."""
    assert check_ignored(
        {"powertools": {"boto3"}, "demo": {"boto3", "idna"}}, {"boto3": "boto3==1.40.1"}, TARGET
    ) == [
        Finding(
            "ignored-dependency",
            "boto3==1.40.1 is left out, demo, powertools use the version that the runtime python3.13 brings (1.38.36 "
            "in August 2025), which AWS changes from time to time; to use the locked one, take it off "
            "ignore_package_list",
            "boto3",
        )
    ]


@pytest.mark.parametrize(("name", "target"), [("urllib3", TARGET), ("boto3", Target("3.14"))])
def test_a_version_that_is_not_known_is_not_made_up(name: str, target: Target) -> None:
    """No public report has the urllib3 of a runtime, nor the boto3 of the newest one."""
    [finding] = check_ignored({"requests": {name}}, {name: f"{name}==2.8.0"}, target)
    assert (
        f"uses the version that the runtime python{target.python_version} brings, which AWS" in finding.text
    )


def test_what_the_runtime_does_not_bring_is_a_warning() -> None:
    """Importing it would fail, unless the function or another layer brings it."""
    [finding] = check_ignored({"demo": {"setuptools"}}, {"setuptools": "setuptools==80.0"}, TARGET)
    assert (finding.id, finding.level) == ("ignored-but-needed", "warning")
    assert finding.text.startswith(
        "setuptools==80.0 is left out, demo needs it, and Lambda promises only boto3 and"
    )


def test_a_dependency_that_the_file_does_not_name_is_a_warning() -> None:
    """One for each, with those that need it; what is left out or comes from the runtime anyway is none."""
    missing = {"b": {"other", "boto3"}, "a": {"other", "uvloop"}, "c": {"six"}}
    findings = check_missing(missing, ["uvloop"], Path("pylock.toml"))
    assert findings == [
        Finding(
            "missing-dependency",
            "a, b need other, which pylock.toml does not name, so it is left out: export the file again with "
            "all dependencies, unless another layer brings it",
        )
    ]
    assert findings[0].level == "warning"
    assert check_missing({}, [], Path("pylock.toml")) == []
