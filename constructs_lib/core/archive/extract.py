"""The unpacking of a zip that this library wrote, with the right to run its programs."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs_lib.core.archive.entry import Entry


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


def write_entries(entries: Iterable[Entry], folder: Path) -> None:
    """Write the files of a zip that is not made yet into `folder`, as `extract_all` would unpack them."""
    for entry in entries:
        target = folder / entry.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(entry.content())
        target.chmod(0o755 if entry.executable else 0o644)
