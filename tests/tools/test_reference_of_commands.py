"""The generated reference of the command line."""

from __future__ import annotations

from constructs_lib.cli.app import app
from constructs_lib.cli.parsed import settings_of
from tools.reference.command_line import PAGE, page


def test_the_page_is_that_of_the_code() -> None:
    """After a change of the options: `python -m tools.reference.command_line`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_command_and_option_is_on_it() -> None:
    text = page()
    assert {name for name in app.commands if f"\n## {name}" not in text} == set()
    assert {setting.key for setting in settings_of(app) if f"--{setting.key}" not in text} == set()
