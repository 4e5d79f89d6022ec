"""The files of a project without a build backend, as they are deployed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.project.repository import ignored_files
from constructs_lib.core.project.source_files import LeftOut, SourceFiles, chosen_files
from constructs_lib.core.wheels.left_out import named_by

if TYPE_CHECKING:
    from collections.abc import Sequence


def plain_files(
    root: Path, include: Sequence[str] | None = None, exclude: Sequence[str] | None = None
) -> SourceFiles:
    """Return the project's files, less those for secrets, and those that git ignores and `include` does not name."""
    files, left_out = chosen_files(root, include, exclude)
    ignored = ignored_files(root, files)
    ignored -= named_by(include, files, ignored)
    if not ignored:
        return SourceFiles(files, left_out)
    note = LeftOut.of(root.name, "ignored", map(Path.as_posix, ignored))
    return SourceFiles([path for path in files if path not in ignored], (*left_out, note))
