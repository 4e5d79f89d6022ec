"""Commands of the script for uv."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.compat.builders.in_container import install_uv
from constructs_lib.core.compat.builders.in_container.install_uv import MAIN_DEPENDENCIES, commands

if TYPE_CHECKING:
    from pathlib import Path

    from tests.core.compat.builders.conftest import FakeTools


@pytest.mark.parametrize(
    ("options", "expected"),
    [((), MAIN_DEPENDENCIES), (("--locked", "--all-groups"), ("--locked", "--all-groups"))],
)
def test_options_stand_before_those_of_a_layer(options: tuple[str, ...], expected: tuple[str, ...]) -> None:
    """Without any it is the locked main dependencies; the project itself and links are never installed."""
    [command] = commands(["uv"], "/bin/python", *options)
    assert command[: 2 + len(expected)] == ["uv", "sync", *expected]
    assert {"--no-install-project", "--no-editable", "--link-mode=copy", "--python=/bin/python"} <= {*command}


def test_the_images_uv_is_used(tools: FakeTools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the copy of the project, with the caller's environment."""
    monkeypatch.setattr(install_uv, "REPO", tmp_path)
    monkeypatch.setenv("PATH", str(tools.folder))
    install_uv.main("uv==1", "--locked")
    assert tools.call.arguments[:2] == ["sync", "--locked"]
    assert tools.call.cwd == str(tmp_path)
