"""The files that an earlier build wrote into the project: they are no sources of the next one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.publish.layout import SBOM_NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

_ZIPS = frozenset({"layer.zip", "source.zip", "function.zip", SBOM_NAME})
_LOCK_FILES = frozenset(
    {"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "requirements.txt"}
)


def without_results(root: Path, files: Sequence[Path], path_zip: Path) -> list[Path]:
    """Return the project's files less the zip itself and what `constructs-lib build` writes beside it.

    With them each build would take the last one's zip along: other bytes each time, and ever more of them.
    """
    folder = path_zip.resolve().parent
    real_root = root.resolve()
    if not folder.is_relative_to(real_root):
        return list(files)
    relative = folder.relative_to(real_root)
    names = {path_zip.name, *_ZIPS}
    # The copy of a lock file is written with an SBOM; in the project's folder it is the lock file itself.
    if relative != Path() and relative / SBOM_NAME in files:
        names |= _LOCK_FILES
    return [path for path in files if path.parent != relative or path.name not in names]
