"""Settings for setuptools by which a build leaves nothing in its project, and takes nothing that an earlier one left."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS_VARIABLE = "DIST_EXTRA_CONFIG"
"""The variable that names the file."""


def write_distutils_settings(path: Path, folder: str) -> None:
    """Write the file; `build` and `*.egg-info` are then made in `folder`."""
    path.write_text(
        f"[build]\nbuild_base = {folder}/build\n[egg_info]\negg_base = {folder}\n", encoding="utf-8"
    )
