"""Commands of the script for Poetry."""

from __future__ import annotations

from constructs_lib.core.compat.builders.in_container.install_poetry import ENVIRONMENT, commands


def test_an_environment_is_made_and_filled_with_the_main_group() -> None:
    """In the project's folder, whatever Poetry is configured to do."""
    make, fill = commands(["poetry"], "/bin/python")
    assert make == ["/bin/python", "-m", "venv", "--without-pip", ".venv"]
    assert fill == ["poetry", "sync", "--only=main", "--no-root", "--no-interaction", "--no-ansi"]
    assert ENVIRONMENT == {"POETRY_VIRTUALENVS_CREATE": "true", "POETRY_VIRTUALENVS_IN_PROJECT": "true"}
