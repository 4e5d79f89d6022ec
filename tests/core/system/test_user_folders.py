"""The folders of a user: those that platformdirs names."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Literal

import platformdirs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.system.user_folders import user_folder

if TYPE_CHECKING:
    from pathlib import Path

PATHS = st.sampled_from(
    [None, "", " ", "/", "/home/ada", "/home/ada/", " /x", "/x ", "relative", "~/x", "//x/../y"]
)


@given(PATHS, PATHS, st.sampled_from(["cache", "config"]))
def test_it_is_the_folder_of_platformdirs(
    folder: str | None, home: str | None, kind: Literal["cache", "config"]
) -> None:
    """The short way for Linux gives what the library gives, for any setting."""
    find = platformdirs.user_cache_path if kind == "cache" else platformdirs.user_config_path
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ((f"XDG_{kind.upper()}_HOME", folder), ("HOME", home)):
            if value is None:
                patch.delenv(name, raising=False)
            else:
                patch.setenv(name, value)
        assert user_folder(kind) == find("constructs-lib", appauthor=False)


def test_a_user_without_a_home_is_an_os_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that is started with a number that no account has."""
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setattr(platformdirs, "user_config_path", _homeless)
    with pytest.raises(FileNotFoundError, match="home"):
        user_folder("config")


def _homeless(*_: object, **__: object) -> Path:
    raise RuntimeError("no home")


def test_a_build_of_linux_does_not_import_platformdirs() -> None:
    """It takes 4 ms of each build."""
    program = (
        "import sys; from constructs_lib.core.system.user_folders import user_folder; user_folder('cache')\n"
        "sys.exit('platformdirs' in sys.modules)"
    )
    environment = {"HOME": "/home/ada"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, check=False)
    assert done.returncode == (0 if sys.platform == "linux" else 1)
