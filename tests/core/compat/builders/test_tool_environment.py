"""The environment of a tool's process."""

from __future__ import annotations

import os

import pytest

from constructs_lib.core.compat.builders.tool_environment import clean_environment


@pytest.mark.parametrize(
    "name", ["VIRTUAL_ENV", "PYTHONPATH", "PIP_TARGET", "PIP_NO_DEPS", "UV_PROJECT_ENVIRONMENT", "UV_FROZEN"]
)
def test_settings_that_redirect_an_install_are_left_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All else stays: where the index is, for example; and this process keeps its own."""
    monkeypatch.setenv(name, "x")
    monkeypatch.setenv("PIP_INDEX_URL", "https://host/simple")
    environment = clean_environment()
    assert name not in environment
    assert environment["PIP_INDEX_URL"] == "https://host/simple"
    assert os.environ[name] == "x"
