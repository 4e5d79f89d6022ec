"""A manifest → pylock (PEP 751) → the wheels one target needs."""

from constructs_lib.core.lock.model import Locked, LockedDirectory, LockedFile, Manifest, Resolution
from constructs_lib.core.lock.uv import resolve

__all__ = ["Locked", "LockedDirectory", "LockedFile", "Manifest", "Resolution", "resolve"]
