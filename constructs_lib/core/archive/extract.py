"""The unpacking of a zip that this library wrote, with the right to run its programs."""

from __future__ import annotations

import zipfile
from pathlib import Path


def extract_all(path: Path, folder: Path) -> None:
    """Unpack the zip `path` into `folder`; files have the modes that the zip gives, as Lambda unpacks a layer.

    `zipfile` alone drops them, so that no program could be started.
    """
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            target = Path(archive.extract(info, folder))
            mode = info.external_attr >> 16 & 0o777
            if mode and not info.is_dir():
                target.chmod(mode)
