"""Source archives: the folder of one project in an archive that holds several."""

from __future__ import annotations

import io
import tarfile
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.project.git_access import find_subdirectory
from constructs_lib.core.system.process import one_line
from constructs_lib.core.system.signals import unwinding
from constructs_lib.core.wheels.archive_limit import UNREADABLE, open_tar, open_zip
from constructs_lib.core.wheels.built import read_verified
from constructs_lib.core.wheels.fetched_tree import shown_as

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_lib.core.lock.locked import LockedFile
    from constructs_lib.core.store.wheel_store import WheelStore


@contextmanager
def unpacked_project(file: LockedFile, store: WheelStore) -> Iterator[Path]:
    """Yield the folder of the locked project in a source archive of the store, unpacked into a temporary folder.

    As uv and pip do it, the one folder at the top of an archive is its root.
    """
    with unwinding(), tempfile.TemporaryDirectory(prefix="constructs-lib-") as scratch:
        folder = Path(scratch).resolve() / "archive"
        _unpack(read_verified(store, file.sha256, file.suffix), file, folder)
        entries = list(folder.iterdir())
        root = entries[0] if len(entries) == 1 and entries[0].is_dir() else folder
        project = find_subdirectory(root, file.subdirectory, f"{file} ({file.filename})")
        with shown_as(str(file), project, root):
            yield project


def _unpack(content: bytes, file: LockedFile, folder: Path) -> None:
    """Unpack a tar archive or a zip by the standard library, which keeps members inside of `folder`."""
    try:
        if zipfile.is_zipfile(io.BytesIO(content)):
            with open_zip(content, file.filename) as packed:
                packed.extractall(folder)  # noqa: S202 - it drops `..` and drives from names
        else:
            with open_tar(content, file.filename) as opened:
                # Python 3.10's first releases have no filters.
                opened.extraction_filter = getattr(tarfile, "data_filter", None)
                opened.extractall(folder)  # noqa: S202 - see above
    except UNREADABLE as error:
        raise ProjectError(
            "archive-unreadable",
            f"{file.filename} cannot be unpacked ({one_line(str(error), 200)}): it must be a tar archive or a zip; "
            f"lock another version of {file.name}",
        ) from None
