"""Commands of the script for uv."""

from __future__ import annotations

import pytest

from constructs_lib.core.compat.builders.in_container.install_uv import MAIN_DEPENDENCIES, commands


@pytest.mark.parametrize(
    ("options", "expected"),
    [((), MAIN_DEPENDENCIES), (("--locked", "--all-groups"), ("--locked", "--all-groups"))],
)
def test_options_stand_before_those_of_a_layer(options: tuple[str, ...], expected: tuple[str, ...]) -> None:
    """Without any it is the locked main dependencies; the project itself and links are never installed."""
    [command] = commands(["uv"], "/bin/python", *options)
    assert command[: 2 + len(expected)] == ["uv", "sync", *expected]
    assert {"--no-install-project", "--no-editable", "--link-mode=copy", "--python=/bin/python"} <= {*command}
