"""The wheel store's folder: its place, and the errors of one that cannot be read or written."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from constructs_lib.core.errors import StoreError
from constructs_lib.core.log import log
from constructs_lib.core.system.user_folders import user_folder

SCHEMA = "v1"
"""Part of every path: a release with another format never reads the entries of this one."""
ENVIRONMENT_VARIABLE = "CONSTRUCTS_LIB_STORE"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


def default_root() -> Path:
    """Return the folder that `CONSTRUCTS_LIB_STORE` names, else the user's cache folder."""
    if folder := os.environ.get(ENVIRONMENT_VARIABLE):
        return Path(folder)
    try:
        return user_folder("cache")
    except OSError:
        raise StoreError(
            "store-unwritable",
            f"this user has no home, so there is no place for the wheel store: set {ENVIRONMENT_VARIABLE} to a folder",
        ) from None


@lru_cache
def warn_if_open(root: Path) -> None:
    """Log a warning, once for each store of a process, if every user of this machine may write it."""
    with suppress(OSError):
        if os.name == "posix" and (root / SCHEMA).stat().st_mode & 0o002:
            log.warning(
                "every user of this machine may write the wheel store %s: its files are verified, but anybody can "
                "remove them or fill the disk; run 'chmod -R o-w' on it",
                root,
            )


def unreadable_entry(path: Path, error: OSError) -> StoreError:
    """Return the error for an entry that exists but cannot be read; it may be sound, so it is not removed."""
    return StoreError(
        "store-unreadable",
        f"{path} cannot be read: {error.strerror or error}; give this user the right to read the wheel store, or set "
        f"{ENVIRONMENT_VARIABLE} to another folder",
    )


def unwritable_folder(root: Path, error: OSError) -> StoreError:
    """Return the error for a store below `root` that cannot be written, with the remedy that fits."""
    if error.errno in _FULL:
        remedy = f"make room, or set {ENVIRONMENT_VARIABLE} to a folder with room"
    elif error.errno in _FORBIDDEN:
        remedy = f"set {ENVIRONMENT_VARIABLE} to a folder that this user may write"
    else:
        place = "repair it"
        if error.filename:
            path = Path(error.filename2 or error.filename)
            # A file may stand in place of any of the folders above it.
            obstacle = next((above for above in (path, *path.parents) if above.exists()), path)
            place = f"{obstacle} is in the way: remove it"
        remedy = f"{place}, or set {ENVIRONMENT_VARIABLE} to another folder"
    return StoreError(
        "store-unwritable",
        f"the wheel store {root} cannot be written: {error.strerror or error}; {remedy}",
    )
