"""What a lock file says has to be installed for one target."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class LockOptions:
    """Which part of a lock file goes into the layer. The default is the main dependencies alone."""

    build_tool: str | None = None
    """`uv`, `poetry`, `pip` or `pylock`; None finds it from the lock file that is there."""
    extras: tuple[str, ...] = ()
    """Extras of the project to add."""
    groups: tuple[str, ...] = ()
    """Dependency groups to add."""
    only_groups: tuple[str, ...] = ()
    """Dependency groups to take instead of the main dependencies."""
    allow_extra_index_url: bool = False
    """Whether a `requirements.txt` may name a second index, from which anybody could serve a better version."""


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
    index: str | None = None
    """The index that the lock says it came from, where it says so."""
    no_wheel: str = ""
    """Of a source distribution beside wheels that are all for other platforms: which those are. It holds native
    code and must not be built on this machine."""

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
class Exported:
    """A lock file as pylock.toml (PEP 751)."""

    pylock: Mapping[str, Any]
    base: Path
    """Relative paths in it are relative to this folder."""
    extras: tuple[str, ...] = ()
    """Extras and groups still to be selected, where the export could not."""
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Resolution:
    """The answer of a lock file for one target, sorted by distribution name."""

    manifest: Manifest
    locked: tuple[Locked, ...]
    warnings: tuple[str, ...] = ()


class Notes(Protocol):
    """Small JSON values kept from build to build, by a hash of all they depend on."""

    def read_note(self, kind: str, key: str) -> dict[str, Any] | None: ...

    def write_note(self, kind: str, key: str, note: dict[str, Any]) -> None: ...
