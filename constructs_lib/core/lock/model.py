"""What a lock file says has to be installed for one target."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class LockedFile:
    """One wheel or source distribution, named by its content."""

    name: str
    """Normalized distribution name (PEP 503)."""
    version: str
    filename: str
    sha256: str
    """Lower-case hex."""
    location: str | Path
    """An address, or a file of this machine."""
    size: int | None = None

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"

    @property
    def is_wheel(self) -> bool:
        return self.suffix == ".whl"

    @property
    def suffix(self) -> str:
        return Path(self.filename).suffix


@dataclass(frozen=True)
class LockedDirectory:
    """A project on this machine (path or workspace dependency); its content is not in the lock."""

    name: str
    directory: Path

    def __str__(self) -> str:
        return f"{self.name} from {self.directory}"


Locked = LockedFile | LockedDirectory


@dataclass(frozen=True)
class Manifest:
    """The lock file a layer is built from, as it was when it was read."""

    path: Path
    content: bytes

    @property
    def name(self) -> str:
        return self.path.name


@dataclass(frozen=True)
class Resolution:
    """The answer of a lock file for one target, sorted by distribution name."""

    manifest: Manifest
    locked: tuple[Locked, ...]
