"""Source archives: the folder of one project in an archive that holds several."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.project.git_access import find_subdirectory
from constructs_lib.core.system.process import one_line

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.lock.locked import LockedFile


def unpack_subdirectory(archive: Path, file: LockedFile, scratch: Path) -> Path:
    """Unpack a source archive below `scratch` and return the folder of its project.

    As uv and pip do it, the one folder at the top of an archive is its root.
    """
    folder = scratch / "archive"
    try:
        if zipfile.is_zipfile(archive):
            shutil.unpack_archive(archive, folder, "zip")
        else:
            with tarfile.open(archive) as opened:
                # Python 3.10's first releases have no filters.
                opened.extraction_filter = getattr(tarfile, "data_filter", None)
                opened.extractall(folder)  # noqa: S202 - see above
    except (OSError, ValueError, tarfile.TarError, zipfile.BadZipFile, shutil.Error) as error:
        raise ProjectError(
            "archive-unreadable",
            f"{file.filename} cannot be unpacked ({one_line(str(error), 200)}): it must be a tar archive or a zip; "
            f"lock another version of {file.name}",
        ) from None
    entries = list(folder.iterdir())
    root = entries[0] if len(entries) == 1 and entries[0].is_dir() else folder
    return find_subdirectory(root, file.subdirectory, f"{file} ({file.filename})")
