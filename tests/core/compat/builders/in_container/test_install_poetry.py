"""Commands of the script for Poetry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.compat.builders.in_container import install_poetry
from constructs_lib.core.compat.builders.in_container.install_poetry import ENVIRONMENT, commands

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.core.compat.builders.conftest import FakeTools


def test_an_environment_is_made_and_filled_with_the_main_group() -> None:
    """In the project's folder, whatever Poetry is configured to do."""
    make, fill = commands(["poetry"], "/bin/python")
    assert make == ["/bin/python", "-m", "venv", "--without-pip", ".venv"]
    assert fill == ["poetry", "sync", "--only=main", "--no-root", "--no-interaction", "--no-ansi"]
    assert ENVIRONMENT == {"POETRY_VIRTUALENVS_CREATE": "true", "POETRY_VIRTUALENVS_IN_PROJECT": "true"}


def test_the_images_poetry_is_used(tools: FakeTools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the copy of the project, with the caller's environment."""
    monkeypatch.setattr(install_poetry, "REPO", tmp_path)
    monkeypatch.setenv("PATH", str(tools.folder))
    install_poetry.main("poetry>=2")
    assert tools.call.arguments[:2] == ["sync", "--only=main"]
    assert tools.call.cwd == str(tmp_path)
