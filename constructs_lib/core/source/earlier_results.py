"""The files that an earlier build wrote into the project: they are no sources of the next one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.publish.layout import SBOM_NAME
from constructs_lib.core.system.files import reading

if TYPE_CHECKING:
    from collections.abc import Sequence

_RESULTS = frozenset({"layer.zip", "source.zip", "function.zip", SBOM_NAME})
_PAGES = (".html", ".htm")
_GENERATOR = b'<meta name="generator" content="constructs-lib">'
"""The mark of a report's page, near its beginning."""
_HEAD = 200


def without_results(root: Path, files: Sequence[Path], path_zip: Path) -> list[Path]:
    """Return the project's files less the zip itself, what `constructs-lib build` writes beside it, and reports.

    With them each build would take the last one's results along: other bytes each time, and ever more of them.
    """
    files = [path for path in files if not _is_report(root / path)]
    folder = path_zip.resolve().parent
    real_root = root.resolve()
    if not folder.is_relative_to(real_root):
        return files
    relative = folder.relative_to(real_root)
    names = {path_zip.name, *_RESULTS}
    # The copy of a lock file is written with an SBOM; in the project's folder it is the lock file itself.
    if relative != Path() and relative / SBOM_NAME in files:
        from constructs_lib.core.lock.resolve import TOOLS  # 10 ms: only beside an SBOM

        names |= {tool.manifest for tool in TOOLS.values()}
    return [path for path in files if path.parent != relative or path.name not in names]


def _is_report(file: Path) -> bool:
    """Return whether a file is the page of a report: it may be written anywhere, and lists the zip's own files."""
    if file.suffix not in _PAGES:
        return False
    with reading(file), file.open("rb") as page:
        return _GENERATOR in page.read(_HEAD)
