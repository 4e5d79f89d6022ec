"""A wheel at hand: its bytes mapped from the store."""

from __future__ import annotations

import hashlib
import mmap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from constructs_lib.core.errors import StoreError

if TYPE_CHECKING:
    from constructs_lib.core.lock.locked import LockedFile
    from constructs_lib.core.store.wheel_store import WheelStore


@dataclass(frozen=True)
class Wheel:
    """A wheel whose bytes have been verified and lie in memory (mapped from the store)."""

    name: str
    """Normalized distribution name (PEP 503)."""
    version: str
    filename: str
    sha256: str
    identity: str
    """What it was made from, for the fingerprint: its own sha256, or that of the source it was built from."""
    content: memoryview = field(repr=False, compare=False)

    @property
    def built_here(self) -> bool:
        return self.identity != self.sha256


def open_wheel(file: LockedFile, store: WheelStore, identity: str | None = None) -> Wheel:
    """Map a stored wheel and verify it; a StoreError says that its bytes are not what its name promises."""
    wheel = map_wheel(file, store, identity)
    if hashlib.sha256(wheel.content).hexdigest() != file.sha256:
        path = store.path(file.sha256, file.suffix)
        msg = f"{path} ({file.filename}) is damaged: delete it, it will be fetched again"
        raise StoreError(msg)
    return wheel


def map_wheel(file: LockedFile, store: WheelStore, identity: str | None = None) -> Wheel:
    """Map a stored wheel that has just been verified."""
    path = store.path(file.sha256, file.suffix)
    try:
        with path.open("rb") as stored:
            content = memoryview(mmap.mmap(stored.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as error:
        msg = f"{path} cannot be read: {error}"
        raise StoreError(msg) from None
    return Wheel(file.name, file.version, file.filename, file.sha256, identity or file.sha256, content)
