"""The folders of a workspace's members, by the patterns in its pyproject.toml."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def member_folders(root: Path, patterns: Iterable[str]) -> dict[str, Path]:
    """Return the folders with a pyproject.toml that match a pattern, sorted by their path relative to `root`.

    The path of a folder outside of `root` begins with `../`. A pattern that cannot be a path matches nothing.
    """
    root = root.resolve()
    folders = {folder for pattern in patterns for folder in _matches(root, pattern)}
    return dict(sorted((Path(os.path.relpath(folder, root)).as_posix(), folder) for folder in folders))


def _matches(root: Path, pattern: str) -> list[Path]:
    # `glob` raises for some paths without wildcards, such as `.`.
    has_wildcard = any(sign in pattern for sign in "*?[")
    try:
        paths = root.glob(pattern) if has_wildcard else (root / pattern,)
        return [path.resolve() for path in paths if (path / "pyproject.toml").is_file()]
    except (
        OSError,
        RuntimeError,
        ValueError,
    ):  # a name too long, an absolute pattern, `**x` before Python 3.13
        return []
