"""Shell completion."""

import pytest

from constructs_lib.cli.app import app
from tests.support.click_runner import CliRunner


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script(shell: str) -> None:
    """It calls the program by its name."""
    done = CliRunner().invoke(app, ["completion", shell])
    assert done.exit_code == 0
    assert "_CONSTRUCTS_LIB_COMPLETE" in done.stdout
    assert "constructs-lib" in done.stdout
