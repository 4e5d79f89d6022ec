"""The table of options."""

from __future__ import annotations

from constructs_lib.cli.app import app
from constructs_lib.cli.option_table import BUILD
from constructs_lib.cli.parsed import settings_of
from constructs_lib.cli.setting import VARIABLE_NAME, Setting
from constructs_lib.core.invoke import function_settings
from constructs_lib.core.target import MACHINES


def test_values_that_are_written_twice_are_the_same() -> None:
    """The table cannot import them: the help has no time for it."""
    [arch] = [option for option in BUILD if option.name == "arch"]
    assert list(arch.to_info_dict()["type"]["choices"]) == list(MACHINES)
    assert function_settings.VARIABLE_NAME.pattern == VARIABLE_NAME


def test_one_key_has_one_type_everywhere() -> None:
    """An option of the same name may be in several commands: one key of pyproject.toml serves them all."""
    shapes: dict[str, set[tuple[object, ...]]] = {}
    for setting in settings_of(app):
        shape = (setting.is_flag, setting.multiple, setting.count, str(setting.type), setting.name)
        shapes.setdefault(setting.key, set()).add(shape)
    assert {key: found for key, found in shapes.items() if len(found) > 1} == {}
    assert len(shapes) > 40


def test_every_option_has_a_variable() -> None:
    """Also the ones that come later: help and version alone have none."""
    options = [option for command in app.commands.values() for option in command.params]
    plain = {option.name for option in options if option.param_type_name == "option"} - {
        option.name for option in options if isinstance(option, Setting)
    }
    assert plain == set()
