"""A verified wheel, its bytes mapped from the store."""

from __future__ import annotations

import hashlib
import mmap
import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from constructs_lib.core.errors import StoreError
from constructs_lib.core.store.store_folder import unreadable_entry

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.lock.locked import LockedFile
    from constructs_lib.core.project.source_files import LeftOut
    from constructs_lib.core.store.wheel_store import WheelStore


@dataclass(frozen=True)
class Wheel:
    """A wheel whose bytes have been verified and are in memory (mapped from the store)."""

    name: str
    """Normalized distribution name (PEP 503)."""
    version: str
    filename: str
    sha256: str
    identity: str
    """Its origin, for the fingerprint: its own sha256, or the hash of the source it was built from."""
    content: memoryview = field(repr=False, compare=False)
    left_out: tuple[LeftOut, ...] = ()
    """The project's files that its build left out for a reason worth a note."""

    @property
    def built_here(self) -> bool:
        return self.identity != self.sha256


_State = tuple[int, int, int, int, int]
_LAST_STEP = 2_000_000_000
"""Nanoseconds; some file systems have whole seconds."""
_verified: dict[Path, _State] = {}
"""The stored wheels that this process has verified, with what would change if one was written since."""


def open_wheel(file: LockedFile, store: WheelStore, identity: str | None = None) -> Wheel:
    """Map a stored wheel and verify it; raise a StoreError if its bytes are not those of its name.

    A process hashes each wheel once, unless it is written in between: many layers of an app share their wheels.
    """
    path = store.path(file.sha256, file.suffix)
    state = _state(path)
    wheel = map_wheel(file, store, identity)
    if state is not None and _verified.get(path) == state:
        return wheel
    if hashlib.sha256(wheel.content).hexdigest() != file.sha256:
        raise StoreError(
            "store-damaged", f"{path} ({file.filename}) is damaged: delete it, it will be fetched again"
        )
    if state is not None:
        _verified[path] = state
    return wheel


def _state(path: Path) -> _State | None:
    """Return what every write changes; None where a write might leave it as it is.

    The time of a file's last change, which POSIX has and nobody can set, moves in steps of some milliseconds. So it is
    taken only where it lies further back: another write now would have another one.
    """
    if os.name != "posix":
        return None
    try:
        status = path.stat()
    except OSError:
        return None
    if time.time_ns() - status.st_ctime_ns < _LAST_STEP:
        return None
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def map_wheel(file: LockedFile, store: WheelStore, identity: str | None = None) -> Wheel:
    """Map a stored wheel that has just been verified.

    Raises a StoreError: `store-unreadable` for a file that this user may not read, which may be sound.
    """
    path = store.path(file.sha256, file.suffix)
    try:
        with path.open("rb") as stored:
            content = memoryview(mmap.mmap(stored.fileno(), 0, access=mmap.ACCESS_READ))
    except ValueError:  # an empty file cannot be mapped
        content = memoryview(b"")
    except OSError as error:
        raise unreadable_entry(path, error) from None
    return Wheel(file.name, file.version, file.filename, file.sha256, identity or file.sha256, content)
