"""Options of `uv sync`."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.core.compat.uv_options import STRUCTURAL_ARGS, STRUCTURAL_REASONS, UvSyncOptions


@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        ({}, ["--frozen", "--no-dev"]),
        ({"extras": ["aws", "web"]}, ["--frozen", "--no-dev", "--extra", "aws", "--extra", "web"]),
        (
            {"all_extras": True, "no_extras": ["x"]},
            ["--frozen", "--no-dev", "--all-extras", "--no-extra", "x"],
        ),
        ({"groups": ["a"], "no_groups": ["b"]}, ["--frozen", "--no-dev", "--group", "a", "--no-group", "b"]),
        ({"all_groups": True, "no_dev": False}, ["--frozen", "--all-groups"]),
        ({"no_default_groups": True, "frozen": False}, ["--locked", "--no-dev", "--no-default-groups"]),
        (
            {"extra_args": ["--no-binary-package", "numpy"]},
            ["--frozen", "--no-dev", "--no-binary-package", "numpy"],
        ),
    ],
)
def test_each_field_is_the_option_of_its_name(options: dict[str, Any], arguments: list[str]) -> None:
    """What is not frozen is checked against pyproject.toml, never locked anew."""
    assert UvSyncOptions(**options).to_args() == arguments


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"extras": ["a"], "all_extras": True}, "exclude each other"),
        ({"no_extras": ["a"]}, "set all_extras as well"),
        ({"extra_args": ["--frozen"]}, "extra_args has --frozen: set frozen instead"),
        ({"extra_args": ["--extra=a"]}, "extra_args has --extra: set extras instead"),
        ({"extra_args": ["--link-mode=symlink"]}, "share its bytes with uv's cache"),
        ({"extra_args": ["--python", "3.9"]}, "the builder chooses it"),
    ],
)
def test_options_that_would_not_do_what_they_say_are_refused(options: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        UvSyncOptions(**options)


def test_the_builders_own_options_have_reasons() -> None:
    assert {argument.partition("=")[0] for argument in STRUCTURAL_ARGS} <= STRUCTURAL_REASONS.keys()
