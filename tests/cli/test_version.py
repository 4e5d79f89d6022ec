"""The version that is written twice."""

from __future__ import annotations

from importlib.metadata import version

from constructs_lib.cli.version import VERSION
from tests.cli.commands import run


def test_it_is_the_version_of_the_package() -> None:
    """A release changes both."""
    assert version("constructs-lib") == VERSION
    assert run("--version").stdout == f"{VERSION}\n"
