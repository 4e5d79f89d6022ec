"""A manifest → pylock (PEP 751) → the wheels one target needs."""

from constructs_lib.core.lock.model import (
    Locked,
    LockedDirectory,
    LockedFile,
    LockOptions,
    Manifest,
    Resolution,
)
from constructs_lib.core.lock.resolve import TOOLS, resolve

__all__ = [
    "TOOLS",
    "LockOptions",
    "Locked",
    "LockedDirectory",
    "LockedFile",
    "Manifest",
    "Resolution",
    "resolve",
]
