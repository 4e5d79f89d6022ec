"""This user's home, and the folders of the library where the platform keeps caches and settings."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal

_NAME = "constructs-lib"


def home_folder() -> Path | None:
    """Return this user's home; None for a user without one, as containers have."""
    try:
        return Path.home()
    except RuntimeError:
        return None


def user_folder(kind: Literal["cache", "config"]) -> Path:
    """Return the folder that platformdirs names; raise an OSError for a user without a home."""
    if sys.platform == "linux":
        # The usual cases of the XDG specification: importing platformdirs takes 4 ms, every build would wait for it.
        folder = os.environ.get(f"XDG_{kind.upper()}_HOME", "")
        home = os.environ.get("HOME", "")
        if folder.startswith("/") and folder == folder.strip():
            return Path(folder, _NAME)
        if not folder and home.startswith("/"):
            return Path(home, f".{kind}", _NAME)
    import platformdirs

    find = platformdirs.user_cache_path if kind == "cache" else platformdirs.user_config_path
    try:
        return find(_NAME, appauthor=False)
    except RuntimeError as error:
        raise FileNotFoundError(str(error)) from None
