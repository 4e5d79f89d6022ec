"""The settings by which setuptools leaves nothing in a project."""

from __future__ import annotations

import configparser
from typing import TYPE_CHECKING

from constructs_lib.core.wheels.distutils_settings import write_distutils_settings

if TYPE_CHECKING:
    from pathlib import Path


def test_setuptools_is_sent_to_another_folder(tmp_path: Path) -> None:
    """The names are those of its commands' options."""
    write_distutils_settings(tmp_path / "distutils.cfg", "/elsewhere")
    settings = configparser.ConfigParser()
    settings.read(tmp_path / "distutils.cfg")
    assert settings["build"]["build_base"] == "/elsewhere/build"
    assert settings["egg_info"]["egg_base"] == "/elsewhere"
